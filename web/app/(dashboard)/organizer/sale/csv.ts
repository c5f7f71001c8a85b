/**
 * One cell of RFC 4180. A text that a spreadsheet would run as a formula gets a ' before it: names come from buyers, the file
 * is opened by the organiser. (OWASP, "CSV Injection".)
 */
function cell(value: string | number): string {
  const text = typeof value === 'number' ? String(value) : value.replace(/^(?=\s*[=+\-@])|^(?=[\t\r\n])/, "'")
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** A table as RFC 4180 writes it: lines end with CR LF, the first one names the columns. Numbers stay numbers, below zero too. */
export function csv(rows: readonly (readonly (string | number)[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')
}
