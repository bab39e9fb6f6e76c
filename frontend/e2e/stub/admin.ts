// What administrators see at the stub: accounts, events, jobs, the scan plan, sources. Kept until the scenario changes.
import type { AuditEvent, Job, JobRow, ScanPlanEntry, Source, User } from "../../lib/api/types.ts";

export type AdminAnswer = { status: number; body: unknown };
type Asked = { method: string; url: URL; body: string };

export const ADA = "00000000-0000-7000-8000-0000000000aa";
const id = (kind: string, index: number) => `0190a000-${kind}-7000-8000-${String(index).padStart(12, "0")}`;
const PAGE = 50;

/** The administration of one stub, as it is at the start of a test. */
export function makeAdministration(now: number, degraded: boolean) {
  const ago = (minutes: number) => new Date(now - minutes * 60_000).toISOString();
  const users = makeUsers(ago);
  const jobs = makeJobs(ago);
  let plan = makePlan(ago);
  let task: { job: Job; looks: number } | null = null;

  const problem = (status: number, code: string, detail: string): AdminAnswer => ({
    status,
    body: { type: "about:blank", title: detail, status, code, detail, request_id: "stub-request" },
  });
  const ok = (body: unknown, status = 200): AdminAnswer => ({ status, body });

  function changeUser(user: User, change: { roles?: User["roles"]; disabled?: boolean }): AdminAnswer {
    const others = users.filter((each) => each.id !== user.id && each.roles.includes("admin"));
    const losesAdmin = change.roles && !change.roles.includes("admin");
    if (user.roles.includes("admin") && others.length === 0 && (losesAdmin || change.disabled))
      return problem(409, "conflict", "This is the last account that can administer.");
    if (change.roles) user.roles = change.roles;
    if (change.disabled !== undefined) user.disabled_at = change.disabled ? ago(0) : null;
    return ok(user);
  }

  function listJobs(query: URLSearchParams): AdminAnswer {
    const kind = query.get("kind");
    const ofKind = jobs.filter((job) => !kind || job.kind === kind);
    const counts = { queued: 0, running: 0, done: 0, failed: 0, dead: 0 };
    for (const job of ofKind) counts[job.state] += 1;
    const kinds = [...new Set(jobs.map((job) => job.kind))].sort();
    for (const job of jobs) {
      if (job.state === "running" && typeof job.progress?.done === "number")
        job.progress = { ...job.progress, done: Math.min(12, job.progress.done + 1) };
    }
    return ok({
      ...paged(
        ofKind.filter((job) => job.state === query.get("state")),
        query,
      ),
      counts,
      kinds,
    });
  }

  return function answer({ method, url, body }: Asked): AdminAnswer | null {
    const path = url.pathname;
    const query = url.searchParams;
    const [, thing, name] = /^\/admin\/(users|jobs)\/([0-9a-f-]+)/.exec(path) ?? [];
    if (path === "/admin/users") {
      const words = (query.get("q") ?? "").toLowerCase();
      return ok(
        paged(
          users.filter((user) => `${user.email} ${user.display_name}`.toLowerCase().includes(words)),
          query,
        ),
      );
    }
    if (thing === "users" && method === "PATCH") {
      const user = users.find((each) => each.id === name);
      return user ? changeUser(user, JSON.parse(body)) : problem(404, "not_found", "No such account.");
    }
    if (path === "/admin/audit") {
      const [kind, actor] = [query.get("kind"), query.get("actor")];
      const found = makeEvents(ago).filter(
        (event) => (!kind || event.kind === kind) && (!actor || event.actor_id === actor),
      );
      return ok({ ...paged(found, query), total: null });
    }
    if (path === "/admin/jobs") return listJobs(query);
    if (thing === "jobs" && method === "POST") {
      const job = jobs.find((each) => each.id === name);
      if (!job) return problem(404, "not_found", "No such job.");
      if (job.state !== "failed" && job.state !== "dead")
        return problem(409, "conflict", "Only a job that failed can be tried again.");
      Object.assign(job, { state: "queued", attempts: 0, finished_at: null, next_attempt_at: ago(0) });
      return ok(job);
    }
    if (path === "/admin/sources") return ok({ items: makeSources(ago, degraded), next: null, total: 1 });
    if (path.startsWith("/tasks/") && method === "POST") {
      task = { job: makeTask(path, ago), looks: 0 };
      return ok({ job: { id: task.job.id, address: `/jobs/${task.job.id}` } }, 202);
    }
    if (task && path === `/jobs/${task.job.id}`) {
      task.looks += 1;
      return ok(progressed(task.job, task.looks));
    }
    if (path === "/scan/plan" && method === "GET") {
      const items = [...plan].sort((one, other) => one.priority - other.priority);
      return ok({ items, next: null, total: items.length });
    }
    if (path === "/scan/plan" && method === "POST") {
      const asked = JSON.parse(body) as Partial<ScanPlanEntry>;
      if (plan.some((each) => each.query === asked.query && each.category_id === asked.category_id))
        return problem(409, "conflict", "The plan has this entry already.");
      const entry = makeEntry(plan.length + 90, asked, ago);
      plan = [...plan, entry];
      return ok(entry, 201);
    }
    const entry = plan.find((each) => path === `/scan/plan/${each.id}`);
    if (entry && method === "PATCH") return ok(Object.assign(entry, JSON.parse(body)));
    if (entry && method === "DELETE") {
      plan = plan.filter((each) => each !== entry);
      return { status: 204, body: null };
    }
    return null;
  };
}

function paged<Item>(found: Item[], query: URLSearchParams) {
  const start = Number(query.get("cursor") ?? 0);
  const end = start + Number(query.get("limit") ?? PAGE);
  return {
    items: found.slice(start, end),
    next: end < found.length ? String(end) : null,
    total: found.length,
  };
}

type Ago = (minutes: number) => string;

function makeUsers(ago: Ago): User[] {
  const names: [name: string, roles: User["roles"]][] = [
    ["Ada", ["admin", "buyer", "seller"]],
    ["Grace", ["buyer"]],
    ["Linus", ["buyer", "seller"]],
    ["Margaret", ["seller"]],
    ["Edsger", ["buyer"]],
  ];
  return names.map(([name, roles], index) => ({
    id: index === 0 ? ADA : id("00a1", index),
    email: `${name.toLowerCase()}@people.example`,
    display_name: name,
    roles,
    email_verified_at: index === 3 ? null : ago(9_000),
    second_factor_since: index === 0 ? ago(8_000) : null,
    disabled_at: index === 4 ? ago(3_000) : null,
    last_seen_at: index > 2 ? null : ago(index * 90 + 2),
    created_at: ago(10_000 + index),
  }));
}

function makeJobs(ago: Ago): JobRow[] {
  const make = (index: number, kind: string, changes: Partial<JobRow>): JobRow => ({
    id: id("00b1", index),
    kind,
    state: "done",
    attempts: 1,
    max_attempts: 8,
    next_attempt_at: null,
    last_error: null,
    progress: null,
    result: null,
    created_at: ago(index * 4 + 1),
    started_at: ago(index * 4 + 1),
    finished_at: null,
    ...changes,
  });
  const timeout = "Unavailable: eBay did not answer for 40 s\n  while asking for category 15230, offset 400";
  return [
    make(1, "refresh_comps", {
      state: "running",
      progress: { done: 3, of: 12, sales: 4_100, revalued: 820 },
    }),
    make(2, "scan", { state: "running", progress: { source: "ebay", calls: 12, new: 340 } }),
    make(3, "value", { state: "queued", attempts: 0, next_attempt_at: ago(14), started_at: null }),
    make(4, "send_account_mail", {
      state: "queued",
      attempts: 2,
      next_attempt_at: ago(-6),
      last_error: "The mail server could not be reached.",
    }),
    make(5, "refresh_comps", { state: "failed", last_error: "1100: Access denied", finished_at: ago(20) }),
    make(6, "scan", { state: "dead", attempts: 8, last_error: timeout, finished_at: ago(24) }),
    ...Array.from({ length: 60 }, (_, index) =>
      make(index + 10, index % 3 ? "value" : "scan", {
        result: index % 3 ? { valued: 500, scored: 431 } : { new: 34, changed: 12, calls: 40 },
        finished_at: ago(index * 4 + 40),
      }),
    ),
  ];
}

function makeEvents(ago: Ago): AuditEvent[] {
  const told: [kind: string, details: AuditEvent["details"], subject: string | null][] = [
    ["admin.scan_queued", {}, id("00b1", 2)],
    ["admin.roles_changed", { before: ["buyer"], after: ["buyer", "seller"] }, id("00a1", 2)],
    [
      "admin.scan_plan_changed",
      { change: "added", source: "ebay", query: "leica m6", category: "15230", priority: 5, enabled: true },
      id("00c1", 1),
    ],
    [
      "admin.comps_imported",
      { finished: true, stored: 1200, updated: 3, unchanged: 0, rejected: 2 },
      "my-ledger",
    ],
    ["account.signed_in", {}, null],
    ["account.sign_in_refused", {}, null],
    ["key.made", { name: "reader", scopes: ["read"] }, id("00d1", 1)],
  ];
  return Array.from({ length: 70 }, (_, index) => {
    const [kind, details, subject] = told[index % told.length] as (typeof told)[number];
    const isGrace = kind === "key.made";
    const isNobody = kind === "account.sign_in_refused";
    return {
      id: id("00e1", index),
      at: ago(index * 7 + 1),
      kind,
      actor_id: isNobody ? null : isGrace ? id("00a1", 1) : ADA,
      actor: isNobody ? null : isGrace ? "grace@people.example" : "ada@people.example",
      key_id: null,
      subject,
      ip: "203.0.113.7",
      request_id: `0190f000${String(index).padStart(24, "0")}`,
      details,
    };
  });
}

function makeEntry(index: number, asked: Partial<ScanPlanEntry>, ago: Ago): ScanPlanEntry {
  return {
    id: id("00c1", index),
    source: "ebay",
    query: "",
    category_id: "",
    priority: 100,
    enabled: true,
    cursor_at: null,
    last_run_at: null,
    last_items: null,
    last_error: null,
    created_at: ago(5_000),
    updated_at: ago(5_000),
    ...asked,
  };
}

function makePlan(ago: Ago): ScanPlanEntry[] {
  const run = (minutes: number, items: number) => ({ last_run_at: ago(minutes), last_items: items });
  return [
    makeEntry(1, { query: "leica m6", category_id: "15230", priority: 10, ...run(4, 12) }, ago),
    makeEntry(2, { category_id: "15230", priority: 20, ...run(5, 200) }, ago),
    makeEntry(3, { category_id: "3323", ...run(9, 180) }, ago),
    makeEntry(4, { category_id: "33034", ...run(9, 0), last_error: "eBay did not answer for 40 s" }, ago),
    makeEntry(5, { query: "seiko skx007", enabled: false, ...run(4_000, 31) }, ago),
    makeEntry(6, { category_id: "139971" }, ago),
  ];
}

function makeSources(ago: Ago, degraded: boolean): Source[] {
  const reason = "only 42 % of the rows from eBay can be read (most often: no price)";
  const resets_at = ago(-7 * 60);
  return [
    {
      id: "ebay",
      name: "eBay",
      simulated: true,
      state: degraded ? "degraded" : "healthy",
      reason: degraded ? reason : null,
      state_since: ago(degraded ? 25 : 5_000),
      last_scan_at: ago(4),
      last_success_at: ago(degraded ? 34 : 4),
      comps_refreshed_at: ago(600),
      sales_state: "granted",
      sales_reason: null,
      listings: 24_310,
      live_listings: 20_114,
      budgets: [
        { service: "ebay_browse", used: 3_120, allowed: 5_000, resets_at },
        { service: "ebay_insights", used: degraded ? 5_000 : 240, allowed: 5_000, resets_at },
        { service: "ebay_oauth", used: 850, allowed: 900, resets_at },
      ],
      cycles: Array.from({ length: 9 }, (_, index) => ({
        at: ago(4 + index * 10),
        calls: 40,
        failed: index % 3 === 2 ? 2 : 0,
        rows: 1_900 - index * 13,
        readable: degraded && index < 2 ? 798 : 1_896 - index * 13,
        problem: degraded && index < 2 ? reason : null,
      })),
    },
  ];
}

function makeTask(path: string, ago: Ago): Job {
  return {
    id: id("00f1", 1),
    kind: path === "/tasks/scan" ? "scan" : "refresh_comps",
    state: "queued",
    attempts: 0,
    progress: null,
    result: null,
    last_error: null,
    created_at: ago(0),
    started_at: null,
    finished_at: null,
  };
}

/** The task as it is when it is looked at for the nth time: waiting, at work, done. */
function progressed(job: Job, looks: number): Job {
  if (looks === 1) return job;
  if (looks === 2) return { ...job, state: "running", attempts: 1, progress: { calls: 12, new: 340 } };
  return { ...job, state: "done", attempts: 1, result: { new: 871, calls: 40 }, finished_at: job.created_at };
}
