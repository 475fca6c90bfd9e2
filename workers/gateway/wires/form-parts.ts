const utf8 = new TextEncoder()

/** A file of a form, and the name it is sent under. */
export type FormFile = { name: string; file: File }

/** The files of a form. */
export function filesOf(form: FormData | undefined): FormFile[] {
  const parts = form ? [...form] : []
  return parts.flatMap(([name, value]) => (typeof value === 'string' ? [] : [{ name, file: value }]))
}

/** The texts of a form, the last of each name. */
export function textsOf(form: FormData): Record<string, string> {
  const texts = [...form].filter((part): part is [string, string] => typeof part[1] === 'string')
  return Object.fromEntries(texts)
}

/** The bytes of all texts of a form. */
export function textBytes(form: FormData | undefined): number {
  const texts = (form ? [...form] : []).map(([, value]) => (typeof value === 'string' ? value : ''))
  return texts.reduce((total, text) => total + utf8.encode(text).length, 0)
}

/** The same form for a model of another name: nothing else in it changes, and no byte of a file. */
export function withModel(form: FormData, model: string): FormData {
  const renamed = new FormData()
  for (const [name, value] of form) {
    if (name !== 'model' && typeof value !== 'string') renamed.append(name, value, value.name)
    else if (name !== 'model') renamed.append(name, value)
  }
  renamed.append('model', model)
  return renamed
}
