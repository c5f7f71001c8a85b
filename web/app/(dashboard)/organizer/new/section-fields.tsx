'use client'

import { Plus, Trash2 } from 'lucide-react'
import { useRef } from 'react'
import { useFieldArray, useFormContext, useWatch } from 'react-hook-form'
import { Button } from '@/components/ui/button'
import { TextField } from '@/components/ui/field'
import { maxSections, type EventDraft } from './event-draft'

/** The blocks of seats with what each costs. */
export function SectionFields() {
  const { control, register, formState: { errors, touchedFields, isSubmitted } } = useFormContext<EventDraft>()
  const { fields, append, remove } = useFieldArray({ control, name: 'sections' })
  const currency = useWatch({ control, name: 'currency' })
  const add = useRef<HTMLButtonElement>(null)

  /** What is wrong with a field. A section that was just added is checked at once, but nobody has had the time to fill it in. */
  function wrong(index: number, field: 'name' | 'price' | 'capacity'): string | undefined {
    const seen = isSubmitted || touchedFields.sections?.[index]?.[field]
    return seen ? errors.sections?.[index]?.[field]?.message : undefined
  }

  function removeAt(index: number) {
    remove(index)
    add.current?.focus()
  }

  return (
    <fieldset className="min-w-0 rounded-xl border border-line bg-surface p-5 shadow-card sm:p-6">
      <legend className="sr-only">Sections</legend>
      <h2 className="font-semibold">Sections</h2>
      <p className="mt-0.5 text-sm text-ink-soft">Blocks of seats, each with its price. One is enough.</p>
      <ul className="mt-4 grid gap-4">
        {fields.map((field, index) => (
          <li key={field.id} className="border-t border-line pt-4 first:border-0 first:pt-0">
            <fieldset aria-label={`Section ${index + 1}`} className="grid grid-cols-[1fr_1fr_auto] items-start gap-3 sm:grid-cols-[2fr_1fr_1fr_auto]">
              <TextField label="Name" dir="auto" autoComplete="off" className="col-span-3 sm:col-span-1" error={wrong(index, 'name')} {...register(`sections.${index}.name`)} />
              <TextField label={`Price (${currency})`} inputMode="decimal" autoComplete="off" placeholder="0" error={wrong(index, 'price')} {...register(`sections.${index}.price`)} />
              <TextField label="Seats" inputMode="numeric" autoComplete="off" placeholder="100" error={wrong(index, 'capacity')} {...register(`sections.${index}.capacity`)} />
              <Button variant="quiet" square className="mt-7" disabled={fields.length === 1} aria-label={`Remove section ${index + 1}`} onClick={() => removeAt(index)}>
                <Trash2 aria-hidden className="size-4" />
              </Button>
            </fieldset>
          </li>
        ))}
      </ul>
      {errors.sections?.message && <p role="alert" className="mt-3 text-sm text-bad">{errors.sections.message}</p>}
      <Button ref={add} className="mt-5" disabled={fields.length >= maxSections} onClick={() => append({ name: '', price: '', capacity: '' })}>
        <Plus aria-hidden className="size-4" />
        Add a section
      </Button>
    </fieldset>
  )
}
