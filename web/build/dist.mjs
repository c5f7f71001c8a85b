// The last step of `npm run build`: moves the export to dist/, where the Go program embeds it, with everything that can be
// told before serving: compressed copies, and what the Content-Security-Policy has to allow.
import { createHash } from 'node:crypto'
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')
const kept = 'placeholder.html' // committed: what a build without the dashboard shows
const compressible = new Set(['.html', '.css', '.js', '.json', '.map', '.svg', '.txt', '.xml', '.webmanifest'])

await renew()
await writeFile(join(dist, 'csp.json'), JSON.stringify({ style: await toastStyles(), connect: apiOrigins() }, null, 2))
const sizes = await Promise.all((await files(dist)).map(compress))
console.log(`dist/: ${sizes.length} files, ${kilobytes(sizes.map((s) => s.plain))}, ${kilobytes(sizes.map((s) => s.small))} compressed`)

async function renew() {
  for (const name of await readdir(dist)) {
    if (name !== kept) await rm(join(dist, name), { recursive: true })
  }
  await cp(join(root, 'out'), dist, { recursive: true })
}

// Sonner adds its style sheet from a script when it is loaded, first empty and then with its text; the policy knows both by
// their hashes.
async function toastStyles() {
  const source = await readFile(join(root, 'node_modules/sonner/dist/index.mjs'), 'utf8')
  const literal = /__insertCSS\(("(?:[^"\\]|\\.)*")\)/.exec(source)?.[1]
  if (!literal) throw new Error('sonner no longer inserts its style sheet by __insertCSS("…"): the policy needs another way to allow it')
  return ['', JSON.parse(literal)].map((text) => `sha256-${createHash('sha256').update(text).digest('base64')}`)
}

// An API on another origin has to be reachable, by WebSocket too.
function apiOrigins() {
  const { protocol, host, origin } = new URL(process.env.NEXT_PUBLIC_API_URL || '/', 'self://')
  return protocol === 'self:' ? [] : [origin, `${protocol === 'https:' ? 'wss' : 'ws'}://${host}`]
}

async function files(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((e) => e.isFile() && e.name !== kept && e.name !== 'csp.json').map((e) => join(e.parentPath, e.name))
}

async function compress(file) {
  const plain = await readFile(file)
  if (!compressible.has(extname(file)) || plain.length < 256) return { plain: plain.length, small: plain.length }
  const br = await promisify(brotliCompress)(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } })
  await Promise.all([writeFile(`${file}.br`, br), writeFile(`${file}.gz`, await promisify(gzip)(plain, { level: 9 }))])
  return { plain: plain.length, small: br.length }
}

function kilobytes(bytes) {
  return `${Math.round(bytes.reduce((sum, size) => sum + size, 0) / 1024)} KB`
}
