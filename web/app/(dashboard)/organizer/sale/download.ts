/** Gives the browser a file to save. It begins with a byte order mark, without which Excel takes UTF-8 for something else. */
export function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob(['\ufeff', text], { type: 'text/csv;charset=utf-8' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The save has begun, but not every browser has read the file by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}

/** A name that every file system takes: "jazz-night-bookings.csv". */
export function fileName(title: string, rest: string): string {
  const words = title.normalize('NFKD').replaceAll(/[^\p{L}\p{N}]+/gu, '-').replaceAll(/^-|-$/g, '').toLowerCase().slice(0, 60)
  return words === '' ? rest : `${words}-${rest}`
}
