// The page of `fairlead graph --format html`: pan and zoom, neighbourhoods, details, search, colour scheme.
(() => {
  const find = (id) => document.getElementById(id);
  const [picture, stage, details, search, results] = ['picture', 'stage', 'details', 'search', 'results'].map(find);
  const data = JSON.parse(find('data').textContent);
  const nodes = new Map(data.nodes.map((node) => [node.id, node]));
  const shapes = new Map([...picture.querySelectorAll('[data-node]')].map((shape) => [shape.dataset.node, shape]));
  const lines = [...picture.querySelectorAll('[data-from]')];

  // Pan and zoom.

  const place = { x: 0, y: 0, scale: 1 };
  /** Whether the reader, and not `showAll`, has the last word on where the picture is. */
  let moved = false;
  const limits = { least: 0.08, most: 4 };

  function apply(byReader = true) {
    moved = byReader;
    stage.setAttribute('transform', `translate(${place.x} ${place.y}) scale(${place.scale})`);
  }

  function zoom(factor, x, y) {
    const scale = Math.min(limits.most, Math.max(limits.least, place.scale * factor));
    const ratio = scale / place.scale;
    place.x = x - (x - place.x) * ratio;
    place.y = y - (y - place.y) * ratio;
    place.scale = scale;
    apply();
  }

  function zoomAtCentre(factor) {
    const { width, height } = picture.getBoundingClientRect();
    zoom(factor, width / 2, height / 2);
  }

  function showAll() {
    const margin = 28;
    const { width, height } = picture.getBoundingClientRect();
    const scale = Math.min(
      1.4,
      (width - 2 * margin) / Math.max(1, data.width),
      (height - 2 * margin) / Math.max(1, data.height),
    );
    place.scale = Math.max(limits.least, scale);
    place.x = (width - data.width * place.scale) / 2;
    place.y = (height - data.height * place.scale) / 2;
    apply(false);
  }

  function bringIntoView(id) {
    const box = shapes.get(id)?.getBoundingClientRect();
    if (!box) return;
    const frame = picture.getBoundingClientRect();
    const free = frame.width - (details.hidden ? 0 : details.offsetWidth + 12);
    if (place.scale < 0.7) zoom(0.9 / place.scale, box.x + box.width / 2 - frame.x, box.y + box.height / 2 - frame.y);
    const now = shapes.get(id).getBoundingClientRect();
    place.x += frame.x + free / 2 - (now.x + now.width / 2);
    place.y += frame.y + frame.height / 2 - (now.y + now.height / 2);
    apply();
  }

  const pointers = new Map();
  /** Pixels since the button went down; a click moves little. */
  let dragged = 0;

  picture.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    pointers.set(event.pointerId, event);
    dragged = 0;
  });
  addEventListener('pointermove', (event) => {
    const last = pointers.get(event.pointerId);
    if (!last) return;
    const [dx, dy] = [event.clientX - last.clientX, event.clientY - last.clientY];
    const others = [...pointers.values()].filter(({ pointerId }) => pointerId !== event.pointerId);
    pointers.set(event.pointerId, event);
    dragged += Math.abs(dx) + Math.abs(dy);
    if (dragged > 4) picture.classList.add('moving');
    if (others.length === 1) {
      const [other] = others;
      const distance = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) || 1;
      const frame = picture.getBoundingClientRect();
      zoom(distance(event) / distance(last), other.clientX - frame.x, other.clientY - frame.y);
    } else {
      place.x += dx;
      place.y += dy;
      apply();
    }
  });
  for (const end of ['pointerup', 'pointercancel']) {
    addEventListener(end, (event) => {
      pointers.delete(event.pointerId);
      picture.classList.remove('moving');
    });
  }
  picture.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const frame = picture.getBoundingClientRect();
      const unit = event.deltaMode === 1 ? 16 : 1;
      zoom(
        Math.exp(-event.deltaY * unit * (event.ctrlKey ? 0.01 : 0.0015)),
        event.clientX - frame.x,
        event.clientY - frame.y,
      );
    },
    { passive: false },
  );

  // Neighbourhoods.

  let chosen;

  /** A node, what lives on its card, and all that it is joined to. */
  function neighbourhood(id) {
    const near = new Set([id]);
    for (const { from, to } of data.edges) {
      if (from === id) near.add(to);
      if (to === id) near.add(from);
    }
    for (const one of [...near]) {
      const { within } = nodes.get(one) ?? {};
      if (within) near.add(within);
    }
    return near;
  }

  function highlight(id) {
    const near = id === undefined ? new Set() : neighbourhood(id);
    picture.classList.toggle('focused', id !== undefined);
    for (const [one, shape] of shapes) shape.classList.toggle('near', near.has(one));
    for (const line of lines) {
      line.classList.toggle('near', line.dataset.from === id || line.dataset.to === id);
    }
  }

  function nodeAt(target) {
    return target.closest?.('[data-node]')?.dataset.node;
  }

  picture.addEventListener('pointerover', (event) => {
    if (pointers.size === 0) highlight(nodeAt(event.target) ?? chosen);
  });
  picture.addEventListener('pointerleave', () => highlight(chosen));
  picture.addEventListener('click', (event) => {
    if (dragged <= 4) choose(nodeAt(event.target));
  });
  picture.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    choose(nodeAt(event.target));
  });
  for (const [id, shape] of shapes) {
    const { name, kind } = nodes.get(id);
    shape.setAttribute('tabindex', '0');
    shape.setAttribute('role', 'button');
    shape.setAttribute('aria-label', `${kind} ${name}`);
  }

  // Details.

  function choose(id) {
    if (chosen !== undefined) shapes.get(chosen)?.classList.remove('chosen');
    chosen = id;
    details.hidden = id === undefined;
    details.replaceChildren(...(id === undefined ? [] : describe(nodes.get(id))));
    details.scrollTop = 0;
    if (id !== undefined) shapes.get(id)?.classList.add('chosen');
    highlight(id);
  }

  function make(tag, className, ...children) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.append(...children);
    return made;
  }

  function describe({ id, kind, name, note }) {
    const close = make('button', 'close', '×');
    close.setAttribute('aria-label', 'Close');
    close.addEventListener('click', () => choose(undefined));
    const sections = (data.details[id] ?? []).flatMap(({ title, rows }) => [
      make('h3', '', title),
      make('ul', '', ...rows.map(row)),
    ]);
    return [close, make('h2', '', name), make('p', 'kind', note ? `${kind}, ${note}` : kind), ...sections];
  }

  function row({ tag, text, note, place: source }) {
    return make(
      'li',
      '',
      ...(tag ? [make('span', 'tag', tag)] : []),
      text,
      ...(note ? [make('span', 'note', note)] : []),
      ...(source ? [make('code', '', source)] : []),
    );
  }

  // Search.

  const most = 12;
  const entries = data.nodes.flatMap(({ id, name, kind }) => [
    { id, text: name, note: kind },
    ...(data.details[id] ?? [])
      .filter(({ title }) => title === 'Endpoints' || title === 'Keyspaces' || title === 'Tables')
      .flatMap(({ rows }) =>
        rows.map(({ tag, text, note }) => ({
          id,
          text: [tag, text].filter(Boolean).join(' '),
          note: `${name}${note ? `: ${note}` : ''}`,
        })),
      ),
  ]);

  function matches(query) {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length === 0) return [];
    return entries
      .filter(({ text, note }) => words.every((word) => `${text} ${note}`.toLowerCase().includes(word)))
      .slice(0, most);
  }

  function show(found) {
    results.hidden = found.length === 0;
    results.replaceChildren(
      ...found.map(({ id, text, note }) => {
        const button = make('button', '', make('span', '', text), make('small', '', note));
        button.addEventListener('click', () => go(id));
        return make('li', '', button);
      }),
    );
  }

  function go(id) {
    results.hidden = true;
    choose(id);
    bringIntoView(id);
  }

  search.addEventListener('input', () => show(matches(search.value)));
  search.addEventListener('keydown', (event) => {
    const [first] = matches(search.value);
    if (event.key === 'Enter' && first) go(first.id);
    if (event.key === 'ArrowDown') results.querySelector('button')?.focus();
  });
  addEventListener('keydown', (event) => {
    if (event.key === '/' && document.activeElement !== search) {
      event.preventDefault();
      search.focus();
    }
    if (event.key !== 'Escape') return;
    search.value = '';
    show([]);
    choose(undefined);
  });
  addEventListener('pointerdown', (event) => {
    if (!event.target.closest?.('.search')) results.hidden = true;
  });

  // The rest.

  find('in').addEventListener('click', () => zoomAtCentre(1.25));
  find('out').addEventListener('click', () => zoomAtCentre(0.8));
  find('fit').addEventListener('click', showAll);
  find('theme').addEventListener('click', () => {
    const root = document.documentElement;
    const dark = root.dataset.theme
      ? root.dataset.theme === 'dark'
      : matchMedia('(prefers-color-scheme: dark)').matches;
    root.dataset.theme = dark ? 'light' : 'dark';
  });
  addEventListener('resize', () => {
    if (!moved) showAll();
  });
  showAll();
  if (location.hash.length > 1) {
    const id = decodeURIComponent(location.hash.slice(1));
    if (nodes.has(id)) go(id);
  }
})();
