// A person's account from its first day to its last, on the running stack: mail, second factor, sessions, deletion.
import { createHmac } from "node:crypto";
import { expect, type Page, test } from "@playwright/test";

const PASSWORD = "a walk along the harbour";
const MAIL_DEADLINE_MS = 60_000;

const mailBase = () => {
  const base = process.env.MAIL_BASE;
  if (!base) throw new Error("MAIL_BASE is not set: run this with the whole stack.");
  return base;
};

type Letter = { id: string };

/** The address in the newest letter to somebody that leads to this page. */
async function linkInMail(to: string, path: string): Promise<string> {
  let found: string | undefined;
  await expect(async () => {
    const list = await fetch(`${mailBase()}/messages?to=${encodeURIComponent(to)}`);
    for (const { id } of ((await list.json()) as { items: Letter[] }).items) {
      const { text } = (await (await fetch(`${mailBase()}/messages/${id}`)).json()) as { text: string };
      found ??= new RegExp(`\\S+${path}#token=\\S+`).exec(text)?.[0];
    }
    expect(found).toBeTruthy();
  }).toPass({ timeout: MAIL_DEADLINE_MS });
  return new URL(found ?? "").pathname + new URL(found ?? "").hash;
}

/** The code that an authenticator shows (RFC 6238) for the step that lies so many steps from now. */
function code(secret: string, step: number): string {
  const bits = [...secret].map((letter) =>
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0"),
  );
  const key = Buffer.from((bits.join("").match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + step));
  const mac = createHmac("sha1", key).update(counter).digest();
  const start = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(start) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

async function signIn(page: Page, email: string): Promise<void> {
  await page.goto("/login?next=%2Fsettings");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

test("register, confirm by mail, second factor, sign the other browser out, delete", async ({
  page,
  browser,
  baseURL,
}) => {
  test.setTimeout(180_000);
  const email = `ada.${Date.now()}@people.example`;
  await page.goto("/register");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Name").fill("Ada");
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Make an account" }).click();
  await expect(page.getByRole("status")).toContainText("a mail is on its way");

  await page.goto(await linkInMail(email, "/verify"));
  await page.getByRole("button", { name: "Confirm my address" }).click();
  await expect(page.getByRole("heading", { name: "The address is confirmed" })).toBeVisible();

  await signIn(page, email);
  await expect(page.getByRole("heading", { name: "Settings" })).toBeVisible();
  const factor = page.locator("#second-factor");
  await factor.getByRole("button", { name: "Set up a second factor" }).click();
  await factor.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await factor.getByRole("button", { name: "Go on" }).click();
  const secret = (await factor.locator("[data-secret]").textContent()) ?? "";
  await factor.getByLabel("2. Type the code that it shows").fill(code(secret, -1));
  await factor.getByRole("button", { name: "Switch it on" }).click();
  await expect(factor.locator("[data-recovery-codes] li")).toHaveCount(10);

  // another browser signs in with the second factor, and is signed out from here
  const other = await browser.newContext({ ...(baseURL && { baseURL }) });
  const elsewhere = await other.newPage();
  await signIn(elsewhere, email);
  await elsewhere.getByLabel("Code", { exact: true }).fill(code(secret, 0));
  await elsewhere.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(elsewhere.getByRole("heading", { name: "Settings" })).toBeVisible();
  await page.reload();
  await page.locator("[data-session='other']").getByRole("button", { name: "Sign out" }).click();
  await expect(page.locator("[data-session='other']")).toHaveCount(0);
  await elsewhere.goto("/settings");
  await expect(elsewhere).toHaveURL(/\/login\?next=%2Fsettings$/);

  await page.getByRole("button", { name: "Delete the account" }).click();
  const data = page.locator("#data");
  await data.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await data.getByRole("button", { name: "Delete it for good" }).click();
  await page.waitForURL(/\/deals/);
  await signIn(elsewhere, email);
  await expect(elsewhere.getByText("No account has this address and this password.")).toBeVisible();
  await other.close();
});
