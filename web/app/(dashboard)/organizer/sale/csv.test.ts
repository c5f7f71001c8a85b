import { describe, expect, test } from 'vitest'
import { csv } from './csv'

describe('csv', () => {
  test.each<[string, string | number, string]>([
    ['a plain text stays as it is', 'Floor', 'Floor'],
    ['a comma is quoted', 'Doe, Jo', '"Doe, Jo"'],
    ['a quote is doubled', 'the "best"', '"the ""best"""'],
    ['a line break is quoted', 'a\nb', '"a\nb"'],
    ['= is no formula', '=1+1', "'=1+1"],
    ['+ is no formula', '+49 30', "'+49 30"],
    ['- is no formula', '-cmd', "'-cmd"],
    ['@ is no formula', '@SUM(A1)', "'@SUM(A1)"],
    ['a formula behind a space is none either', ' =1+1', "' =1+1"],
    ['nor behind a tab', '\t=1+1', "'\t=1+1"],
    ['a formula with a quote gets both', '=HYPERLINK("x")', `"'=HYPERLINK(""x"")"`],
    ['an e-mail address stays as it is', 'a@b.example', 'a@b.example'],
    ['a number below zero stays a number', -12.5, '-12.5'],
    ['spaces at the end are kept', 'a ', '"a "'],
    ['nothing is nothing', '', ''],
  ])('%s', (_, value, written) => {
    expect(csv([[value]])).toBe(`${written}\r\n`)
  })

  test('cells are parted by commas, lines by CR LF', () => {
    expect(csv([['a', 'b'], [1, 2]])).toBe('a,b\r\n1,2\r\n')
  })
})
