// Runs once when the web server starts.
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME === "nodejs") {
    const { standBehindTheSocket } = await import("./server/peer");
    standBehindTheSocket(process.env);
  }
}
