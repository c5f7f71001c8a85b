import { requests } from './network'
import { password } from './people'
import { everyWidth, expect, test } from './test'

test('who registers is logged in and sees the events', everyWidth, async ({ page }) => {
  await page.goto('/register')
  await page.getByLabel('Name').fill('Demo Visitor')
  await page.getByLabel('Email').fill(`visitor-${crypto.randomUUID()}@example.com`)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByLabel('Confirm password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Create account' }).click()

  await expect(page).toHaveURL('/events')
  await expect(page.getByRole('article').first()).toBeVisible()
  await page.getByRole('button', { name: 'Account' }).click()
  await expect(page.getByText('Demo Visitor')).toBeVisible()
})

test('registration says what is wrong with each field, and asks the server for nothing', async ({ page }) => {
  const asked = requests(page.context(), 'POST', /^\/api\//)
  await page.goto('/register')
  await page.getByLabel('Name').fill('D')
  await page.getByLabel('Email').fill('nobody')
  await page.getByLabel('Password', { exact: true }).fill('12345678')
  await page.getByLabel('Confirm password', { exact: true }).fill('something else')
  await page.getByRole('button', { name: 'Create account' }).click()

  await expect(page.getByLabel('Name')).toHaveAccessibleDescription('Use at least 2 characters.')
  await expect(page.getByLabel('Name')).toBeFocused()
  await expect(page.getByLabel('Email')).toHaveAccessibleDescription(/Enter an email address/)
  await expect(page.getByLabel('Password', { exact: true })).toHaveAccessibleDescription(/Use at least one letter/)
  await expect(page.getByLabel('Confirm password', { exact: true })).toHaveAccessibleDescription('The passwords do not match.')
  expect(asked).toEqual([])
})

test.describe('refused', () => {
  test.use({ complaints: /status of 40[19]/ })

  test('an address that is taken is said so at its field', async ({ page, buyer }) => {
    await page.goto('/register')
    await page.getByLabel('Name').fill('Demo Visitor')
    await page.getByLabel('Email').fill(buyer.email)
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByLabel('Confirm password', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Create account' }).click()
    await expect(page.getByLabel('Email')).toHaveAccessibleDescription(/already registered/)
    await expect(page).toHaveURL('/register')
  })

  test('a wrong password and an unknown address are told alike, on the form', everyWidth, async ({ page, buyer }) => {
    await page.goto('/login')
    for (const [email, secret] of [[buyer.email, 'wrong-horse-1'], ['nobody@example.com', password]] as const) {
      await page.getByLabel('Email').fill(email)
      await page.getByLabel('Password', { exact: true }).fill(secret)
      const [answer] = await Promise.all([page.waitForResponse('**/api/auth/login'), page.getByRole('button', { name: 'Log in' }).click()])
      expect(answer.status()).toBe(401)
      await expect(page.getByRole('alert').filter({ hasText: 'Invalid credentials' })).toBeVisible()
    }
    await expect(page).toHaveURL('/login')
  })
})

test('whoever logs out is at the log-in page, and back does not show what was there', async ({ page, buyer, signIn }) => {
  await signIn(page, buyer)
  await page.getByRole('link', { name: 'My bookings' }).click()
  await expect(page).toHaveURL('/bookings')
  await page.getByRole('button', { name: 'Account' }).click()
  await page.getByRole('button', { name: 'Log out' }).click()
  await expect(page).toHaveURL('/login')
  await page.goBack()
  await expect(page).toHaveURL('/login')
  await expect(page.getByRole('heading', { name: 'Log in' })).toBeVisible()
})

test('logging out in one tab logs the others out', async ({ page, context, buyer, signIn }) => {
  await signIn(page, buyer)
  const other = await context.newPage()
  await other.goto('/bookings')
  await expect(other.getByText("You haven't booked any events yet")).toBeVisible()

  await page.getByRole('button', { name: 'Account' }).click()
  await page.getByRole('button', { name: 'Log out' }).click()
  await expect(other).toHaveURL(/\/login/)
  await expect(other.getByRole('heading', { name: 'Log in' })).toBeVisible()
})
