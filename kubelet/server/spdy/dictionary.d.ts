declare module 'spdy-transport/lib/spdy-transport/protocol/spdy/dictionary.js' {
  const dictionaries: Readonly<Record<'2' | '3' | '3.1', Buffer>>;
  export default dictionaries;
}
