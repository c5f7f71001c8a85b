'use client'

import { useForm } from 'react-hook-form'
import { AuthCard, Submit } from '@/components/session/auth-card'
import { PasswordField } from '@/components/session/password-field'
import { TextField } from '@/components/ui/field'
import { schemaResolver } from '@/lib/forms'
import { Refused, explain } from '@/lib/problem'
import { useSession } from '@/store/session'
import type { Credentials } from './credentials'

const register = { question: 'Don’t have an account?', label: 'Register', path: '/register' } as const

export function LoginForm() {
  const logIn = useSession((session) => session.logIn)
  const arrived = useSession((session) => session.status === 'in')
  const expired = useSession((session) => session.ended === 'expired')
  const form = useForm<Credentials>({ resolver: schemaResolver(async () => (await import('./credentials')).credentials) })
  const { errors, isSubmitting } = form.formState
  const busy = isSubmitting || arrived

  const submit = form.handleSubmit(async (values) => {
    try {
      await logIn(values)
    } catch (error) {
      form.setError('root', { message: explain(error) })
      if (error instanceof Refused && error.problem.code === 'invalid_credentials') form.setFocus('password', { shouldSelect: true })
    }
  })

  return (
    <AuthCard title="Log in" text={expired ? 'Your session has ended. Log in to go on.' : 'Good to see you again.'} other={register}>
      {/* POST, so that a form sent before this script runs does not put the password into the address. */}
      <form method="post" noValidate onSubmit={submit} className="mt-6 grid gap-5">
        <TextField label="Email" type="email" autoComplete="username" autoCapitalize="none" spellCheck={false} error={errors.email?.message} {...form.register('email')} />
        <PasswordField label="Password" autoComplete="current-password" error={errors.password?.message} {...form.register('password')} />
        <Submit problem={errors.root?.message} busy={busy}>{busy ? 'Logging in…' : 'Log in'}</Submit>
      </form>
    </AuthCard>
  )
}
