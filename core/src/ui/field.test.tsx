import { describe, expect, test } from 'vitest'
import { Field } from './field.tsx'
import { ErrorSummary } from './form.tsx'
import { render } from './scope-for-tests.ts'

describe('a field', () => {
  test('ties its error and its hint to the control', async () => {
    const html = await render(() => (
      <Field name="subnet" label="IPv4 subnet" kind="address" optional value="198.18.41.76/30" error="Taken." hint="May be empty." />
    ))
    expect(html).toContain('<label class="form-label" for="subnet">IPv4 subnet<span class="optional"> (optional)</span></label>')
    expect(html).toMatch(
      /<input class="form-control addr"[^>]*value="198.18.41.76\/30"[^>]*id="subnet"[^>]*aria-invalid="true"[^>]*aria-describedby="subnet-e subnet-h"/,
    )
    expect(html).toMatch(/<p class="error" id="subnet-e">.*Taken\..*<p class="hint" id="subnet-h">May be empty\./)
  })
  test('without error says nothing of one', async () => {
    const html = await render(() => <Field name="city" label="City" />)
    expect(html).not.toMatch(/aria-|optional/)
  })
  test('keeps what was typed, escaped', async () => {
    expect(await render(() => <Field name="start" label="Start" kind="date" value="31/11/2026" />)).toContain('value="31/11/2026"')
    expect(await render(() => <Field name="start" label="Start" kind="date" value="2026-11-30" />)).toContain('value="30/11/2026"')
    expect(await render(() => <Field name="notes" label="Notes" kind="textarea" value={'</textarea><b>'} />)).toContain(
      '&lt;/textarea&gt;&lt;b&gt;</textarea>',
    )
    expect(await render(() => <Field name="name" label="Name" value={'" onfocus="x'} />)).toContain('value="&quot; onfocus=&quot;x"')
  })
  test('never sends a password back', async () => {
    expect(await render(() => <Field name="password" label="Password" kind="password" value="hunter2" />)).not.toContain('hunter2')
  })
  test('with few options is radios in a fieldset, the first one bearing its id', async () => {
    const options = [
      { value: 'vpn', label: 'VPN', hint: '€4.00 a month' },
      { value: 'pro', label: 'VPN Pro' },
    ]
    const html = await render(() => <Field name="offer" label="Offer" value="pro" options={options} error="Choose one." />)
    expect(html).toMatch(/^<fieldset aria-describedby="offer-e"><legend/)
    expect(html).toMatch(/type="radio" value="vpn" id="offer" name="offer" aria-invalid="true"/)
    expect(html).toMatch(/type="radio" value="pro" checked="" id="offer-2"/)
  })
  test('with many options is a select', async () => {
    const options = Array.from({ length: 8 }, (_, index) => ({ value: String(index), label: `Size ${index}` }))
    const html = await render(() => <Field name="size" label="Size" optional value={3} options={options} />)
    expect(html).toMatch(/<select class="form-select" id="size" name="size"><option value="">–<\/option>/)
    expect(html).toContain('<option value="3" selected="">Size 3</option>')
  })
  test('of money shows its unit, of a checkbox its state', async () => {
    expect(await render(() => <Field name="price" label="Price" kind="money" value="10.00" />)).toMatch(
      /inputmode="decimal" value="10.00".*<span>€<\/span>/,
    )
    expect(await render(() => <Field name="on" label="On" kind="checkbox" value={true} />)).toMatch(
      /<label class="form-check m-0" for="on"><input[^>]*type="checkbox" value="true" checked=""/,
    )
  })
})

test('the summary leads to the fields and speaks the language', async () => {
  const errors = [
    { field: 'start', message: 'Give a date such as {{example}}.', values: { example: '30/11/2026' } },
    { field: '', message: '<b>' },
  ]
  const html = await render(() => <ErrorSummary errors={errors} />, { locale: 'fr' })
  expect(html).toContain('role="alert" tabindex="-1"')
  expect(html).toContain('2 points à corriger')
  expect(html).toContain('<a href="#start">Donnez une date comme 30/11/2026.</a>')
  expect(html).toContain('<li>&lt;b&gt;</li>')
})
