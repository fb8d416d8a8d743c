/**
 * Replaces `$(NAME)` by its value and `$$` by `$`; a name that nothing maps stays as it was written
 * (`k8s.io/kubernetes/third_party/forked/golang/expansion`).
 */
export function expand(text: string, valueOf: (name: string) => string | undefined): string {
  return text.replace(/\$(\$|\(([^)]*)\))/g, (whole: string, kind: string, name: string | undefined) => {
    if (kind === '$') return '$';
    return valueOf(name ?? '') ?? whole;
  });
}
