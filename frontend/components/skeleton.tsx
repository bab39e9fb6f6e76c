/** A grey shape with the size of what will come. */
export function Skeleton({ width = "100%", height }: { width?: string | number; height: string | number }) {
  return <span className="skeleton" style={{ display: "block", width, height }} aria-hidden="true" />;
}
