// What the server knows of who asks for a page: it speaks to the API with that browser's own cookie.
import { cookies } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import { forFirstView } from "@/lib/first-view";
import { signInAddress } from "@/lib/sign-in-address";
import { fetchSession, type Role } from "./queries";

const cookieHeader = cache(async (): Promise<Record<string, string>> => {
  const held = (await cookies()).getAll().filter(({ name }) => name.endsWith("ds_session"));
  return held.length > 0 ? { Cookie: held.map(({ name, value }) => `${name}=${value}`).join("; ") } : {};
});

export const firstSession = cache(async () => forFirstView(fetchSession(undefined, await cookieHeader())));

/** What a question of the server carries so that the API answers it for this browser. */
export const callerHeaders = cache(async (): Promise<Record<string, string>> => {
  const token = (await firstSession())?.data.csrf_token;
  return { ...(await cookieHeader()), ...(token && { "X-CSRF-Token": token }) };
});

/** Whether who asks may see a page: "yes", "not_yours", or "unknown" when the API did not say in time.
 *  Whoever is not signed in is sent to sign in, and comes back to `here` from there. */
export async function mayOpen(here: string, role: Role | null): Promise<"yes" | "not_yours" | "unknown"> {
  const session = await firstSession();
  if (session === null) return "unknown";
  const { user } = session.data;
  if (user === null) redirect(signInAddress(here));
  return role === null || user.roles.includes(role) ? "yes" : "not_yours";
}
