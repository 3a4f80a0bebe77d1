import { expect, test } from 'vitest'
import { readPain002 } from './read-pain002.ts'
import { endsMandate, reasonText } from './reason-codes.ts'

const report = `<?xml version="1.0" encoding="UTF-8"?>
<p:Document xmlns:p="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"><p:CstmrPmtStsRpt>
<p:GrpHdr><p:MsgId>ANSWER-1</p:MsgId></p:GrpHdr>
<p:OrgnlGrpInfAndSts><p:OrgnlMsgId>DEBITS-1</p:OrgnlMsgId><p:GrpSts>PART</p:GrpSts></p:OrgnlGrpInfAndSts>
<p:OrgnlPmtInfAndSts><p:OrgnlPmtInfId>BLOCK-1</p:OrgnlPmtInfId>
<p:TxInfAndSts><p:OrgnlInstrId>I-1</p:OrgnlInstrId><p:OrgnlEndToEndId>E-1</p:OrgnlEndToEndId><p:TxSts>RJCT</p:TxSts>
<p:StsRsnInf><p:Rsn><p:Cd>AC04</p:Cd></p:Rsn><p:AddtlInf>Compte</p:AddtlInf><p:AddtlInf>cl&#244;tur&#233;</p:AddtlInf></p:StsRsnInf></p:TxInfAndSts>
<p:TxInfAndSts><p:OrgnlEndToEndId>E-2</p:OrgnlEndToEndId><p:TxSts>ACSC</p:TxSts></p:TxInfAndSts>
</p:OrgnlPmtInfAndSts>
<p:OrgnlPmtInfAndSts><p:OrgnlPmtInfId>BLOCK-2</p:OrgnlPmtInfId><p:PmtInfSts>RJCT</p:PmtInfSts><p:StsRsnInf><p:Rsn><p:Prtry>X9</p:Prtry></p:Rsn></p:StsRsnInf>
<p:TxInfAndSts><p:OrgnlEndToEndId>E-3</p:OrgnlEndToEndId></p:TxInfAndSts></p:OrgnlPmtInfAndSts>
</p:CstmrPmtStsRpt></p:Document>`
const read = (content: string) => readPain002(Buffer.from(content))

test('a status report tells what became of each payment, and of whole blocks', () => {
  expect(read(report)).toEqual({
    report: {
      messageId: 'ANSWER-1',
      originalMessageId: 'DEBITS-1',
      groupStatus: 'PART',
      payments: [{ paymentInformationId: 'BLOCK-1' }, { paymentInformationId: 'BLOCK-2', status: 'RJCT', reason: 'X9' }],
      transactions: [
        {
          endToEndId: 'E-1',
          instructionId: 'I-1',
          paymentInformationId: 'BLOCK-1',
          status: 'RJCT',
          reason: 'AC04',
          information: 'Compte clôturé',
        },
        { endToEndId: 'E-2', paymentInformationId: 'BLOCK-1', status: 'ACSC' },
        { endToEndId: 'E-3', paymentInformationId: 'BLOCK-2', status: 'RJCT', reason: 'X9' },
      ],
    },
  })
})

test('what is no status report is refused', () => {
  for (const [content, message] of [
    ['', /empty/],
    ['<Document><BkToCstmrStmt/></Document>', /no status report/],
    [report.slice(0, 900), /ends in the middle/],
    [`<!DOCTYPE a>${report}`, /document type/],
    [report.replaceAll('E-2', ''), /has no name/],
    [report.replace('<p:TxSts>ACSC</p:TxSts>', ''), /no status/],
  ] as const)
    expect(read(content), content.slice(0, 80)).toMatchObject({ problems: [{ message: expect.stringMatching(message) }] })
})

test('reasons are told in words, unknown ones too', () => {
  expect(reasonText('AM04')).toBe('There is not enough money on the account.')
  expect(reasonText('toString')).toBe('The bank gives a reason that is not known here.')
  expect([endsMandate('AC04'), endsMandate('AM04')]).toEqual([true, false])
})
