import { describe, expect, test } from 'vitest'
import { problem } from './loopback.testing'
import { Refused, SignedOut, Unreachable, answer, explain, waitWords, type Problem } from './problem'

const refused = (status: number, code: Problem['code'], retryAfter?: number) => new Refused(problem(status, code), status, retryAfter)

const ok = new Response(null, { status: 200 })

describe('an answer', () => {
  test('is what the API said', async () => {
    expect(await answer(Promise.resolve({ data: { id: '1' }, response: ok }))).toEqual({ id: '1' })
  })

  test('may have no body', async () => {
    expect(await answer(Promise.resolve({ data: undefined, response: new Response(null, { status: 204 }) }))).toBeUndefined()
  })

  test('that refuses is thrown, with the seconds to wait', async () => {
    const response = new Response(null, { status: 429, headers: { 'Retry-After': '7' } })
    const told = problem(429, 'rate_limited')
    const error = await answer(Promise.resolve({ error: told, response })).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(Refused)
    expect(error).toMatchObject({ problem: told, status: 429, retryAfter: 7 })
  })

  test.each([['a page of a proxy', '<html>502</html>'], ['nothing', undefined], ['other JSON', { error: 'no' }]])(
    'that is %s is none: the outcome is unknown',
    async (_, error) => {
      await expect(answer(Promise.resolve({ error, response: new Response(null, { status: 502 }) }))).rejects.toBeInstanceOf(Unreachable)
    },
  )

  test('that cannot be read is none', async () => {
    await expect(answer(Promise.reject(new SyntaxError('Unexpected token <')))).rejects.toBeInstanceOf(Unreachable)
  })

  test.each([new Unreachable(), new SignedOut(), new DOMException('stop', 'AbortError')])('that failed with %s fails with it', async (error) => {
    await expect(answer(Promise.reject(error))).rejects.toBe(error)
  })
})

describe('in words', () => {
  test.each([
    [refused(401, 'invalid_credentials'), 'Invalid credentials'],
    [refused(409, 'email_taken'), 'This email address is already registered.'],
    [refused(429, 'rate_limited', 12), 'That was a bit much at once. Try again in 12 seconds.'],
    [refused(429, 'too_many_attempts', 61), 'Too many failed log-ins. Try again in 2 minutes.'],
    [refused(503, 'overloaded', 1), 'It is very busy right now. Try again in 1 second.'],
    [refused(503, 'unavailable'), 'It is very busy right now. Try again in a moment.'],
    [refused(401, 'token_expired'), 'Your session has ended. Log in to go on.'],
    [refused(500, 'internal'), 'The server had a problem of its own. Please try again.'],
    [new Unreachable(), 'We cannot reach the server. Check your connection and try again.'],
    [new SignedOut(), 'Your session has ended. Log in to go on.'],
    [new TypeError('x is undefined'), 'This page had a problem of its own. Reload it and try again.'],
  ])('%s', (error, words) => expect(explain(error)).toBe(words))

  test('a field is named', () => {
    const errors = [{ field: 'qty', code: 'invalid' as const, problem: 'must be between 1 and 10' }]
    expect(explain(new Refused(problem(422, 'invalid', { errors }), 422))).toBe('This cannot be taken: qty must be between 1 and 10.')
  })

  test.each([[0, 'in 1 second'], [1, 'in 1 second'], [59, 'in 59 seconds'], [60, 'in 1 minute'], [61, 'in 2 minutes'], [3601, 'in 2 hours']])(
    'a wait of %d s is "%s"',
    (wait, words) => expect(waitWords(wait)).toBe(words),
  )
})
