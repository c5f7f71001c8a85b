import { randomUUID } from 'node:crypto'
import createClient from 'openapi-fetch'
import type { components, paths } from '@/lib/openapi.gen'

export type Event = components['schemas']['Event']
export type Booking = components['schemas']['BookingDetails']
export type NewEvent = components['schemas']['CreateEvent']

export const password = 'correct-horse-1'

/** Somebody with an account, who uses the API directly: another buyer, an organiser, or the one whose browser is watched. */
export class Person {
  private constructor(
    private readonly api: ReturnType<typeof createClient<paths>>,
    readonly email: string,
    readonly name: string,
    readonly id: string,
  ) {}

  static async register(url: string, name = 'Demo Buyer'): Promise<Person> {
    const email = `e2e-${randomUUID()}@example.com`
    const { data, error } = await createClient<paths>({ baseUrl: `${url}/api` }).POST('/auth/register', { body: { email, password, name } })
    if (!data) throw new Error(`register: ${JSON.stringify(error)}`)
    const api = createClient<paths>({ baseUrl: `${url}/api`, headers: { Authorization: `Bearer ${data.accessToken}` } })
    return new Person(api, email, name, data.user.id)
  }

  async puts(event: NewEvent): Promise<Event> {
    const { data, error } = await this.api.POST('/events', { body: event })
    if (!data) throw new Error(`create event: ${JSON.stringify(error)}`)
    return data
  }

  async event(id: string): Promise<Event> {
    const { data, error } = await this.api.GET('/events/{id}', { params: { path: { id } } })
    if (!data) throw new Error(`event: ${JSON.stringify(error)}`)
    return data
  }

  /** Books and returns the booking's id. */
  async books(event: Event, qty = 1, section = event.sections[0]): Promise<string> {
    const { data, error } = await this.api.POST('/book', { body: { eventId: event.id, sectionId: section?.id, qty } })
    if (!data) throw new Error(`book: ${JSON.stringify(error)}`)
    return data.booking.id
  }

  /** What this person has booked, newest first, the cancelled ones too. */
  async bookings(): Promise<Booking[]> {
    const { data, error } = await this.api.GET('/bookings')
    if (!data) throw new Error(`bookings: ${JSON.stringify(error)}`)
    return data.data
  }

  async cancels(bookingId: string): Promise<void> {
    const { error } = await this.api.DELETE('/bookings/{id}', { params: { path: { id: bookingId } } })
    if (error) throw new Error(`cancel: ${JSON.stringify(error)}`)
  }
}
