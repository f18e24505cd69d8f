declare module 'parse-prometheus-text-format' {
  interface Metric {
    name: string;
    help: string;
    type: string;
    metrics: { value: string; labels?: Record<string, string> }[];
  }
  const parse: (text: string) => Metric[];
  export = parse;
}
