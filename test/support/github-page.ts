import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';

const require = createRequire(import.meta.url);

/** Markdown as HTML by GitHub's dialect, raw HTML included, without the filters that a forge runs afterwards. */
export function htmlOf(markdown: string): string {
  return micromark(markdown, {
    allowDangerousHtml: true,
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
  });
}

const styles = {
  light: require.resolve('github-markdown-css/github-markdown-light.css'),
  dark: require.resolve('github-markdown-css/github-markdown-dark.css'),
};

/** A page that shows Markdown about as GitHub does: its style, its alerts, its diagrams. Sets `drawn` when it is complete. */
export function githubPage(markdown: string, scheme: 'light' | 'dark', { open = false } = {}): string {
  const css = readFileSync(styles[scheme], 'utf8');
  const mermaid = readFileSync(require.resolve('@mermaid-js/tiny/dist/mermaid.tiny.js'), 'utf8');
  const body = withSigns(withAlerts(htmlOf(markdown))).replaceAll('<details>', open ? '<details open>' : '<details>');
  return `<!doctype html><html><head><meta charset="utf-8"><style>${css}
    body { margin: 0; background: ${scheme === 'light' ? '#fff' : '#0d1117'}; padding: 16px; width: 760px }
    .mermaid { text-align: center; background: none !important; overflow: visible }
    </style></head><body><article class="markdown-body">${body}</article>
    <script>${mermaid.replaceAll('</script', '<\\/script')}</script>
    <script>
      const failures = [];
      mermaid.initialize({ startOnLoad: false, theme: '${scheme === 'light' ? 'default' : 'dark'}' });
      const blocks = [...document.querySelectorAll('code.language-mermaid')];
      const drawn = (async () => {
        for (const [index, block] of blocks.entries()) {
          try {
            const { svg } = await mermaid.render('diagram' + index, block.textContent);
            const place = document.createElement('div');
            place.className = 'mermaid';
            place.innerHTML = svg;
            block.parentElement.replaceWith(place);
          } catch (error) { failures.push(String(error)); }
        }
        return { diagrams: blocks.length, failures };
      })();
    </script></body></html>`;
}

function withAlerts(html: string): string {
  return html.replace(
    /<blockquote>\n<p>\[!(NOTE|WARNING|CAUTION)\]\n?([\s\S]*?)<\/blockquote>/g,
    (_, kind: string, rest: string) => {
      const title = `${kind[0]}${kind.slice(1).toLowerCase()}`;
      return `<div class="markdown-alert markdown-alert-${kind.toLowerCase()}"><p class="markdown-alert-title">${title}</p><p>${rest}</div>`;
    },
  );
}

/** Not every machine has a font with these. */
const signs: Record<string, string> = { '🟢': '#2da44e', '🟡': '#d4a72c', '🔴': '#cf222e', '⚪': '#afb8c1' };

function withSigns(html: string): string {
  return html.replace(/🟢|🟡|🔴|⚪/gu, (sign) => {
    return `<svg width="14" height="14" style="vertical-align:-2px"><circle cx="7" cy="7" r="6" fill="${signs[sign]}"/></svg>`;
  });
}
