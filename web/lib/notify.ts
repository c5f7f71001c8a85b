import type { ExternalToast } from 'sonner'

const load = () => import('sonner')

// Loaded beside the page and kept, not when it is first needed: what it has to say may be that the network is gone.
if (typeof window !== 'undefined') load().catch(() => undefined)

/**
 * Shows a notification for a few seconds; one with the `id` of another takes its place. What shows it comes after the page
 * (components/shell/toasts.tsx): nothing has to be told before.
 */
export async function notify(tone: 'success' | 'error' | 'info', text: string, options?: ExternalToast): Promise<void> {
  const { toast } = await load()
  toast[tone](text, options)
}
