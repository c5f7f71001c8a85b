'use client'

import { useForm } from 'react-hook-form'
import { AuthCard, Submit } from '@/components/session/auth-card'
import { PasswordField } from '@/components/session/password-field'
import { TextField } from '@/components/ui/field'
import { fieldProblems, schemaResolver } from '@/lib/forms'
import { Refused, explain } from '@/lib/problem'
import { useSession } from '@/store/session'
import type { Registration } from './registration'

const logIn = { question: 'Already have an account?', label: 'Log in', path: '/login' } as const

export function RegisterForm() {
  const register = useSession((session) => session.register)
  const arrived = useSession((session) => session.status === 'in')
  const form = useForm<Registration>({ resolver: schemaResolver(async () => (await import('./registration')).registration) })
  const { errors, isSubmitting } = form.formState
  const busy = isSubmitting || arrived

  const submit = form.handleSubmit(async ({ name, email, password }) => {
    try {
      await register({ name, email, password })
    } catch (error) {
      if (error instanceof Refused && error.problem.code === 'email_taken') {
        return form.setError('email', { message: explain(error) }, { shouldFocus: true })
      }
      const problems = fieldProblems(error)
      const wrong = (['name', 'email', 'password'] as const).filter((field) => problems[field])
      for (const field of wrong) form.setError(field, { message: problems[field] }, { shouldFocus: field === wrong[0] })
      if (wrong.length === 0) form.setError('root', { message: explain(error) })
    }
  })

  return (
    <AuthCard title="Create your account" text="It takes a minute. Then you can book." other={logIn}>
      {/* POST, so that a form sent before this script runs does not put the password into the address. */}
      <form method="post" noValidate onSubmit={submit} className="mt-6 grid gap-5">
        <TextField label="Name" autoComplete="name" error={errors.name?.message} {...form.register('name')} />
        <TextField label="Email" type="email" autoComplete="username" autoCapitalize="none" spellCheck={false} error={errors.email?.message} {...form.register('email')} />
        <PasswordField label="Password" autoComplete="new-password" hint="At least 8 characters, with a letter and a number." error={errors.password?.message} {...form.register('password', { deps: 'confirm' })} />
        <PasswordField label="Confirm password" autoComplete="new-password" error={errors.confirm?.message} {...form.register('confirm')} />
        <Submit problem={errors.root?.message} busy={busy}>{busy ? 'Creating your account…' : 'Create account'}</Submit>
      </form>
    </AuthCard>
  )
}
