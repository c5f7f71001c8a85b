import { RegisterForm } from './register-form'

export const metadata = { title: 'Register', description: 'Make an Onsale account to book tickets while they last.' }

export default function RegisterPage() {
  return <RegisterForm />
}
