import type { ExternalToast } from 'sonner'

/**
 * Shows a notification for a few seconds; one with the `id` of another takes its place. What shows it comes after the page
 * (components/shell/toasts.tsx): nothing has to be told before.
 */
export async function notify(tone: 'success' | 'error' | 'info', text: string, options?: ExternalToast): Promise<void> {
  const { toast } = await import('sonner')
  toast[tone](text, options)
}
