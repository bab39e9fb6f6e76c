// The stub and a web server in front of it, for all tests of the `stub` project.
import { freePort, startWeb } from "./servers.ts";
import { startStub } from "./stub/server.ts";

export default async function globalSetup(): Promise<() => void> {
  const stubPort = await freePort();
  const stub = await startStub({ port: stubPort });
  process.env.STUB_ORIGIN = `http://127.0.0.1:${stubPort}`;
  const web = await startWeb(process.env.STUB_ORIGIN);
  process.env.STUB_WEB_ORIGIN = web.origin;
  // The first answer of a fresh server loads its code; no visitor's wait is measured on it.
  await fetch(`${web.origin}/deals`).then((answer) => answer.text());
  return () => {
    web.stop();
    stub.closeAllConnections();
    stub.close();
  };
}
