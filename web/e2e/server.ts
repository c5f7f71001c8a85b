import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

const binary = process.env.ONSALE_E2E_BINARY ?? join(import.meta.dirname, '../../bin/onsale')

/** A running `onsale serve --seed` with a database of its own, which keeps its addresses and its data when it is stopped and started again. */
export class Server {
  private process: ChildProcess | undefined
  private said = ''

  private constructor(
    private readonly folder: string,
    private readonly ports: { web: number; api: number },
  ) {}

  static async start(): Promise<Server> {
    const server = new Server(await mkdtemp(join(tmpdir(), 'onsale-e2e-')), { web: await freePort(), api: await freePort() })
    await server.start()
    return server
  }

  /** Where the dashboard is. */
  get url(): string {
    return `http://localhost:${this.ports.web}`
  }

  private get settings(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      DATABASE_URL: process.env.ONSALE_E2E_DATABASE_URL ?? '',
      ONSALE_DATA: join(this.folder, 'data'),
      WEB_PORT: String(this.ports.web),
      API_PORT: String(this.ports.api),
      ADMIN_PORT: '0', // any
      CORS_ORIGINS: this.url,
      PAYMENT_DELAY: '200ms',
      RATE_LIMIT: 'off',
      JWT_ACCESS_SECRET: 'a'.repeat(32),
      JWT_REFRESH_SECRET: 'r'.repeat(32),
    }
  }

  /** Starts it and waits until it serves. `settings` are environment variables. */
  async start(settings: Record<string, string> = {}): Promise<void> {
    const child = spawn(binary, ['serve', '--seed'], {
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...this.settings, ...settings },
    })
    this.process = child
    child.stderr.on('data', (text: Buffer) => (this.said += text.toString()))
    await new Promise<void>((resolve, reject) => {
      createInterface(child.stdout).on('line', (line) => line.includes('Dashboard') && resolve())
      child.once('error', reject)
      child.once('exit', (code) => reject(new Error(`onsale serve ended with ${code}\n${this.said}`)))
    })
  }

  /** Runs a command of the program beside it, as its operator: `run('admin', 'close', …)`. */
  async run(...args: string[]): Promise<void> {
    await promisify(execFile)(binary, args, { cwd: this.folder, env: this.settings })
  }

  /** Ends it: cleanly, or as a power cut would. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const child = this.process
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
  }

  async remove(): Promise<void> {
    await this.stop()
    await rm(this.folder, { recursive: true, force: true })
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
