'use client'

import { useRouter } from 'next/navigation'
import type { MouseEvent } from 'react'
import { FormProvider, useForm } from 'react-hook-form'
import { schemaResolver } from '@/lib/forms'
import { notify } from '@/lib/notify'
import { explain, Refused } from '@/lib/problem'
import { isUnknown } from '@/lib/until-known'
import { EventFields } from './event-fields'
import { eventDraft, fieldOf, requestOf, type EventDraft } from './event-draft'
import { publish } from './publish'
import { SectionFields } from './section-fields'
import { Summary } from './summary'
import { browserZone } from './wall-time'

export function EventForm() {
  const router = useRouter()
  const form = useForm<EventDraft>({
    resolver: schemaResolver(async () => eventDraft),
    mode: 'onTouched',
    defaultValues: {
      title: '', description: '', venue: '', date: '', timeZone: browserZone(), currency: 'USD',
      sections: [{ name: 'General', price: '', capacity: '' }],
    },
  })

  async function submit(draft: EventDraft) {
    try {
      const event = await publish(requestOf(draft))
      void notify('success', `${event.title} is on sale.`)
      router.push(`/organizer/sale?event=${event.id}`)
    } catch (error) {
      refuse(error)
    }
  }

  /** Says what the API refused where it belongs: at its field, or above the button. */
  function refuse(error: unknown) {
    const elsewhere: string[] = []
    for (const { field, problem } of error instanceof Refused ? (error.problem.errors ?? []) : []) {
      const here = fieldOf(field)
      if (here) form.setError(here, { type: 'server', message: sentence(problem) }, { shouldFocus: true })
      else elsewhere.push(`${field} ${problem}`)
    }
    if (elsewhere.length > 0) form.setError('root', { message: sentence(elsewhere.join('; ')) })
    else if (isUnknown(error)) form.setError('root', { message: 'We cannot tell whether it is on sale. Check your connection and publish it again: unchanged, it stays one event.' })
    else if (!(error instanceof Refused) || !error.problem.errors?.length) form.setError('root', { message: explain(error) })
  }

  return (
    <FormProvider {...form}>
      {/* The handler is for the buttons in it; they have their own for what they do. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <form onSubmit={form.handleSubmit(submit)} onMouseDown={keepFocus} noValidate className="mt-6 grid items-start gap-6 lg:grid-cols-[1fr_20rem]">
        <div className="grid min-w-0 gap-6">
          <EventFields />
          <SectionFields />
        </div>
        <Summary />
      </form>
    </FormProvider>
  )
}

function sentence(problem: string): string {
  return `${problem.charAt(0).toUpperCase()}${problem.slice(1)}.`
}

/**
 * Pressing a button does not take the focus at once: what a field says when it is left would move the button from under the
 * pointer, and the click would be lost.
 */
function keepFocus(event: MouseEvent<HTMLFormElement>) {
  if (event.target instanceof Element && event.target.closest('button')) event.preventDefault()
}
