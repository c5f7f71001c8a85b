import { standardSchemaResolver } from '@hookform/resolvers/standard-schema'
import type { FieldValues, Resolver } from 'react-hook-form'
import { Refused } from './problem'

type Schema<Values extends FieldValues> = Parameters<typeof standardSchemaResolver<Values, unknown, Values>>[0]

/**
 * Checks a form by a schema that is fetched when it is first needed, since what checks is larger than the form. Where it
 * cannot be had, the form goes to the API unchecked, whose rules are the same.
 */
export function schemaResolver<Values extends FieldValues>(load: () => Promise<Schema<Values>>): Resolver<Values> {
  return async (values, context, options) => {
    const schema = await load().catch(() => undefined)
    return schema ? standardSchemaResolver<Values, unknown, Values>(schema)(values, context, options) : { values, errors: {} }
  }
}

/** What the API found wrong with single fields, as sentences by the field's name ("email", "sections[0].price"). */
export function fieldProblems(error: unknown): Record<string, string> {
  const errors = error instanceof Refused ? (error.problem.errors ?? []) : []
  return Object.fromEntries(errors.map(({ field, problem }) => [field, `It ${problem}.`]))
}
