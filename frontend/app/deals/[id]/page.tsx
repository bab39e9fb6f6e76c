export default async function DealPage({ params }: { params: Promise<{ id: string }> }) {
  return <h1>{(await params).id}</h1>;
}
