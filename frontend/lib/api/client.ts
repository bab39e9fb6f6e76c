// The one way to the API: a relative address in the browser, API_ORIGIN on the server.
// Failures become an ApiError that a page can show; nothing is swallowed here.
import { forwardedFor } from "./forwarded";
import type { Problem } from "./types";

type Fault = NonNullable<Problem["errors"]>[number];

export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly requestId: string | null;
  /** What is wrong with which value, where the API says so. */
  readonly faults: readonly Fault[];

  constructor(
    status: number,
    code: string,
    message: string,
    requestId: string | null,
    cause?: unknown,
    faults: readonly Fault[] = [],
  ) {
    super(message, { cause });
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.requestId = requestId;
    this.faults = faults;
  }
}

/** What is wrong with the field of this name, in the API's words; nothing when that is not it. */
export function faultOf(error: unknown, field: string): string | undefined {
  if (!(error instanceof ApiError)) return undefined;
  return error.faults.find(({ loc }) => loc.includes(field))?.msg;
}

type Query = Record<string, string | number | boolean | null | undefined>;

function address(path: string, query: Query): string {
  const base =
    typeof window === "undefined"
      ? (process.env.API_ORIGIN ?? "http://127.0.0.1:8000").replace(/\/$/, "")
      : "/api";
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") params.set(name, String(value));
  }
  const search = params.toString();
  return `${base}${path}${search ? `?${search}` : ""}`;
}

function isProblem(body: unknown): body is Problem {
  return typeof body === "object" && body !== null && "code" in body && "title" in body;
}

async function asError(response: Response): Promise<ApiError> {
  const requestId = response.headers.get("x-request-id");
  const text = await response.text();
  try {
    const body: unknown = JSON.parse(text);
    if (isProblem(body)) {
      return new ApiError(
        response.status,
        body.code,
        body.detail || body.title,
        body.request_id ?? requestId,
        undefined,
        body.errors ?? [],
      );
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  // Not the API's words: something between us and it answered (a proxy, a server that is starting).
  return new ApiError(response.status, "unavailable", "The server did not give a usable answer.", requestId);
}

/** `headers` are for the server, which speaks for a browser: its cookie, its page's token. */
type Wait = {
  signal?: AbortSignal | undefined;
  deadlineMs?: number;
  headers?: Record<string, string> | undefined;
};

let pageToken: string | null = null;

/** What changes are sent with, so that the API knows that they come from a page of ours. */
export function setPageToken(token: string | null): void {
  pageToken = token;
}

const isBrowser = () => typeof window !== "undefined";

/** The parsed answer of a GET; ApiError for every failure, also when nobody answers within the deadline. */
export function getJson<T>(path: string, query: Query = {}, wait: Wait = {}): Promise<T> {
  return ask<T>(address(path, query), {}, wait);
}

/** The parsed answer of a POST; fails as `getJson` does. */
export function postJson<T>(path: string, body: unknown, wait: Wait = {}): Promise<T> {
  return change<T>("POST", path, body, wait);
}

/** The parsed answer of a PATCH; fails as `getJson` does. */
export function patchJson<T>(path: string, body: unknown, wait: Wait = {}): Promise<T> {
  return change<T>("PATCH", path, body, wait);
}

/** A DELETE; fails as `getJson` does. */
export function deleteJson(path: string, wait: Wait = {}): Promise<void> {
  return change<void>("DELETE", path, undefined, wait);
}

/** What a POST answers with, as a file. */
export function getBlob(path: string, wait: Wait = {}): Promise<Blob> {
  return change<Blob>("POST", path, undefined, { deadlineMs: 60_000, ...wait });
}

async function change<T>(method: string, path: string, body: unknown, wait: Wait): Promise<T> {
  const send = () =>
    ask<T>(
      address(path, {}),
      {
        method,
        headers: {
          ...(body !== undefined && { "Content-Type": "application/json" }),
          ...(pageToken && isBrowser() && { "X-CSRF-Token": pageToken }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      },
      wait,
    );
  try {
    return await send();
  } catch (error) {
    // Somebody signed in or out in another tab: this page's token is another session's. Take the new one, once.
    if (!isBrowser() || !(error instanceof ApiError) || error.code !== "foreign_page") throw error;
    const { csrf_token } = await getJson<{ csrf_token: string | null }>("/auth/session");
    if (csrf_token === pageToken) throw error;
    setPageToken(csrf_token);
    return send();
  }
}

async function ask<T>(
  url: string,
  init: RequestInit,
  { signal, deadlineMs = 15_000, headers }: Wait,
): Promise<T> {
  const deadline = AbortSignal.timeout(deadlineMs);
  let response: Response;
  try {
    response = await fetch(url, {
      ...init,
      headers: { Accept: "application/json", ...forwardedFor(), ...init.headers, ...headers },
      cache: "no-store",
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    const seconds = Math.round(deadlineMs / 1000);
    throw deadline.aborted
      ? new ApiError(0, "timeout", `The server did not answer within ${seconds} s.`, null, error)
      : new ApiError(0, "unreachable", "The server could not be reached.", null, error);
  }
  if (!response.ok) throw await asError(response);
  if (response.status === 204) return undefined as T;
  if (response.headers.get("content-type") === "application/zip") return (await response.blob()) as T;
  try {
    return (await response.json()) as T;
  } catch (error) {
    throw new ApiError(response.status, "unreadable", "The server's answer could not be read.", null, error);
  }
}
