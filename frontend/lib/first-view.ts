// The first view never waits long for the API: what has not come in time, the browser fetches itself.
const FIRST_VIEW_MS = 800;

/** The answer with its moment, or null when it is late or failed; the page then loads it in the browser. */
export async function forFirstView<T>(answer: Promise<T>): Promise<{ data: T; at: number } | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), FIRST_VIEW_MS);
  });
  try {
    return await Promise.race([answer.then((data) => ({ data, at: Date.now() })), late]);
  } catch {
    // Any failure means "not now": the browser asks again and shows what is wrong, with a way to retry.
    return null;
  } finally {
    clearTimeout(timer);
  }
}
