// Starts the built web server, on any free port, against any API.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

const SERVER = join(import.meta.dirname, "..", ".next", "standalone", "server.js");
const START_DEADLINE_MS = 30_000;

export type Web = { origin: string; stop: () => void };

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() =>
        address && typeof address === "object" ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}

export async function startWeb(apiOrigin: string, settings: Record<string, string> = {}): Promise<Web> {
  if (!existsSync(SERVER)) throw new Error("There is no build to test: run `npm run build` first.");
  const port = await freePort();
  const child = spawn(process.execPath, [SERVER], {
    env: {
      ...process.env,
      NODE_ENV: "production",
      PORT: String(port),
      HOSTNAME: "127.0.0.1",
      API_ORIGIN: apiOrigin,
      NEXT_TELEMETRY_DISABLED: "1",
      ...settings,
    },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const origin = `http://127.0.0.1:${port}`;
  await answering(`${origin}/icon.svg`, child);
  return { origin, stop: () => void child.kill() };
}

async function answering(address: string, child: ChildProcess): Promise<void> {
  const until = Date.now() + START_DEADLINE_MS;
  while (Date.now() < until) {
    if (child.exitCode !== null) throw new Error(`The web server ended with ${child.exitCode}.`);
    try {
      if ((await fetch(address)).ok) return;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // TypeError: nobody listens yet
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`The web server did not answer at ${address} within ${START_DEADLINE_MS / 1000} s.`);
}
