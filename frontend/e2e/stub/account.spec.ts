// Accounts in the browser: registering, links by mail, and the settings, with what each refusal says.
import { expect, test } from "./test.ts";

test("registering says at the field what is wrong, and then that a mail is on its way", async ({
  page,
  scenario,
  complaints,
}) => {
  await scenario({ signedIn: null });
  await page.goto("/register");
  await page.getByLabel("E-mail").fill("ada@people.example");
  await page.getByLabel("Name").fill("Ada");
  await page.getByLabel("Password", { exact: true }).fill("password");
  await page.getByRole("button", { name: "Make an account" }).click();
  await expect(page.getByText("among the first that are guessed")).toBeVisible();
  await page.getByLabel("Password", { exact: true }).fill("correct horse battery");
  await page.getByRole("button", { name: "Make an account" }).click();
  await expect(page.getByRole("status")).toContainText("a mail is on its way");
  expect(complaints.filter((text) => !text.includes("422"))).toEqual([]);
});

test("the link of a mail is used by a press, and its token leaves the address", async ({
  page,
  scenario,
}) => {
  await scenario({ signedIn: null });
  await page.goto("/verify#token=used-up-token-of-a-mail");
  await expect(page).toHaveURL(/\/verify$/);
  await page.getByRole("button", { name: "Confirm my address" }).click();
  await expect(page.getByText("This link has been used.")).toBeVisible();
  await page.goto("/verify");
  await expect(page.getByText("This address has no token")).toBeVisible();
  await expect(page.getByRole("button", { name: "Confirm my address" })).toBeDisabled();
});

test("a lost password: the mail is asked for, and the link in it chooses another", async ({
  page,
  scenario,
}) => {
  await scenario({ signedIn: null });
  await page.goto("/reset");
  await page.getByLabel("E-mail").fill("ada@people.example");
  await page.getByRole("button", { name: "Send the mail" }).click();
  await expect(page.getByRole("status")).toContainText("a mail is on its way");
  // the mail's link is opened in this very tab: first an old one, which leads on to a new mail, then the newest
  await page.goto("/reset#token=used-up-token-of-a-mail");
  await page.getByLabel("New password").fill("correct horse battery");
  await page.getByRole("button", { name: "Change the password" }).click();
  await expect(page.getByText("This link has been used.")).toBeVisible();
  await page.getByRole("button", { name: "Ask for a new mail" }).click();
  await expect(page.getByRole("button", { name: "Send the mail" })).toBeVisible();
  await page.goto("/reset#token=a-good-token-of-a-mail-of-ours");
  await expect(page).toHaveURL(/\/reset$/);
  await page.getByLabel("New password").fill("correct horse battery");
  await page.getByRole("button", { name: "Change the password" }).click();
  await expect(page.getByRole("heading", { name: "The password is changed" })).toBeVisible();
});

test("who is not signed in comes back to the settings after signing in", async ({ page, scenario }) => {
  await scenario({ signedIn: null });
  await page.goto("/settings");
  await expect(page).toHaveURL(/\/login\?next=%2Fsettings$/);
  await page.getByLabel("E-mail").fill("ada@people.example");
  await page.getByLabel("Password", { exact: true }).fill("not right");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByText("No account has this address and this password.")).toBeVisible();
  await scenario({ signedIn: "admin" });
  await page.getByLabel("Password", { exact: true }).fill("right");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Settings" })).toBeVisible();
});

test("the settings: a key is shown once, a second factor is set up, a wrong password is said", async ({
  page,
}) => {
  await page.goto("/settings");
  await expect(page.getByText("Chrome on Linux")).toBeVisible();
  await expect(
    page.locator("[data-session='other']").getByRole("button", { name: "Sign out" }),
  ).toBeVisible();

  const form = page.getByRole("form", { name: "A new key" });
  await form.getByLabel("A new key for").fill("My spreadsheet");
  await form.getByLabel("Read what this account may read").check();
  await form.getByRole("button", { name: "Make the key" }).click();
  await expect(page.locator("[data-key]")).toHaveText("ds_live_0123456789abcdef_a-secret-of-the-stub");
  await page.getByRole("button", { name: "I have it" }).click();
  await expect(page.locator("[data-key]")).toHaveCount(0);

  await page.getByRole("button", { name: "Set up a second factor" }).click();
  const factor = page.locator("#second-factor");
  await factor.getByLabel("Password", { exact: true }).fill("wrong");
  await factor.getByRole("button", { name: "Go on" }).click();
  await expect(factor.getByRole("alert")).toHaveText("This is not the account's password.");
  await factor.getByLabel("Password", { exact: true }).fill("right");
  await factor.getByRole("button", { name: "Go on" }).click();
  await expect(factor.locator("[data-secret]")).toHaveText("JBSWY3DPEHPK3PXP");
  await expect(factor.getByRole("img", { name: "The key as a QR code" })).toBeVisible();
  await factor.getByLabel("2. Type the code that it shows").fill("123456");
  await factor.getByRole("button", { name: "Switch it on" }).click();
  await expect(factor.locator("[data-recovery-codes] li")).toHaveCount(10);
  const saved = page.waitForEvent("download");
  await factor.getByRole("button", { name: "Download them" }).click();
  expect((await saved).suggestedFilename()).toBe("deal-scout-recovery-codes.txt");

  // switched off again, nothing of it is left on the page
  await factor.getByRole("button", { name: "Switch it off" }).click();
  await factor.getByLabel("Password", { exact: true }).fill("right");
  await factor.getByLabel("Code or recovery code").fill("123456");
  await factor.getByRole("button", { name: "Switch it off" }).click();
  await expect(factor.getByRole("button", { name: "Set up a second factor" })).toBeVisible();
  await expect(factor.locator("[data-recovery-codes]")).toHaveCount(0);
  await expect(factor.getByRole("status")).toHaveCount(0);
});

test("an address that names a matter of the account leads to it", async ({ page }) => {
  await page.goto("/settings#keys");
  await expect(page.getByRole("heading", { name: "API keys" })).toBeInViewport();
});
