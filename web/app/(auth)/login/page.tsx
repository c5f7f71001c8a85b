import { LoginForm } from './login-form'

export const metadata = { title: 'Log in', description: 'Log in to Onsale to book tickets while they last.' }

export default function LoginPage() {
  return <LoginForm />
}
