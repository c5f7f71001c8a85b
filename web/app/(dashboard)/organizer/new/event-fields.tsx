'use client'

import { useState } from 'react'
import { useFormContext } from 'react-hook-form'
import { SelectField, TextArea, TextField } from '@/components/ui/field'
import { currencies, currencyLabel } from './currencies'
import type { EventDraft } from './event-draft'
import { zones } from './wall-time'

/** What, where and when. */
export function EventFields() {
  const { register, getValues, trigger, formState: { errors } } = useFormContext<EventDraft>()
  const [choices] = useState(zones)

  /** Which decimals a price may have depends on the currency. */
  function checkPrices() {
    const filledIn = getValues('sections').flatMap(({ price }, index) => (price === '' ? [] : [`sections.${index}.price` as const]))
    if (filledIn.length > 0) void trigger(filledIn)
  }

  return (
    <fieldset className="grid min-w-0 gap-5 rounded-xl border border-line bg-surface p-5 shadow-card sm:grid-cols-2 sm:p-6">
      <legend className="sr-only">The event</legend>
      <TextField label="Title" dir="auto" autoComplete="off" className="sm:col-span-2" error={errors.title?.message} {...register('title')} />
      <TextArea label="Description" dir="auto" className="sm:col-span-2" error={errors.description?.message} {...register('description')} />
      <TextField label="Venue" dir="auto" autoComplete="off" className="sm:col-span-2" error={errors.venue?.message} {...register('venue')} />
      <TextField
        label="Starts at" type="datetime-local" hint="Sales end when it starts. Leave it empty to sell without an end."
        error={errors.date?.message} {...register('date', { deps: 'timeZone' })}
      />
      <SelectField label="Time zone" hint="Of the venue." error={errors.timeZone?.message} {...register('timeZone', { deps: 'date' })}>
        {choices.map((zone) => <option key={zone} value={zone}>{zone.replaceAll('_', ' ')}</option>)}
      </SelectField>
      <SelectField label="Currency" error={errors.currency?.message} {...register('currency', { onChange: checkPrices })}>
        {currencies.map((code) => <option key={code} value={code}>{currencyLabel(code)}</option>)}
      </SelectField>
    </fieldset>
  )
}
