const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it may stand in a page or between the quotes of an attribute. */
export const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');

/** HTML whose inserted values are escaped; what is HTML already goes in as a `Html`. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Tag for templates: escapes every value that is not `Html`. */
export const html = (
  parts: TemplateStringsArray,
  ...values: readonly (string | Html | readonly Html[])[]
): Html =>
  new Html(
    parts.reduce((whole, part, index) => {
      const value = values[index - 1] ?? '';
      return whole + textOf(value) + part;
    }),
  );

const textOf = (value: string | Html | readonly Html[]): string => {
  if (typeof value === 'string') return escaped(value);
  return value instanceof Html ? value.text : value.map((one) => one.text).join('');
};

export const hidden = (name: string, value: string): Html =>
  html`<input type="hidden" id="${name}" name="${name}" value="${value}" />`;
