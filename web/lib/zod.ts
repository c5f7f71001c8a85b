import { config } from 'zod/mini'

// The pages' policy forbids eval, and even zod's question whether there is one would be reported.
config({ jitless: true })

/** zod/mini, kept from using eval. Every schema takes it from here. */
export * from 'zod/mini'
