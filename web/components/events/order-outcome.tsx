import { CircleAlert, Info } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button, ButtonLink } from '@/components/ui/button'
import { cn } from '@/lib/cn'
import type { Outcome } from '@/store/booking'
import type { Listing } from '@/store/catalog'
import { outcomeWords, tickets } from './outcome-words'
import type { Section } from './use-selection'

type Props = {
  outcome: Outcome
  event: Listing
  section: Section | undefined
  /** Books so many instead. */
  onTake: (quantity: number) => void
  onChoose: (sectionId: string) => void
}

/** Says in the sheet why a booking was not made, and offers what can be done instead. */
export function OrderOutcome({ outcome, event, section, onTake, onChoose }: Props) {
  const ofSection = outcome.kind === 'not-enough' && section && event.sections.length > 1
  const { tone, text, more } = outcomeWords(outcome, ofSection ? section.name : event.title)
  const others = sectionsLeft(event, section)
  const looks = tone === 'error' ? 'error' : 'info'
  switch (outcome.kind) {
    case 'booked':
      return null
    case 'sold-out':
      if (!section || others.length === 0) return <Box looks="error" text={text} />
      return (
        <Box looks="error" text={`Sorry, ${section.name} tickets for ${event.title} are no longer available.`} more="There are tickets in another section.">
          <OtherSections sections={others} onChoose={onChoose} />
        </Box>
      )
    case 'not-enough':
      return (
        <Box looks={looks} text={text} more={more}>
          {outcome.remaining > 0 && <Button onClick={() => onTake(outcome.remaining)}>Take {outcome.remaining} instead</Button>}
          <OtherSections sections={others} onChoose={onChoose} />
        </Box>
      )
    case 'already-booked':
    case 'in-progress':
      return <Box looks={looks} text={text} more={more}><ButtonLink href="/bookings">See my bookings</ButtonLink></Box>
    default:
      return <Box looks={looks} text={text} more={more} />
  }
}

/** Says that the chosen section has no tickets, and where there are some. */
export function SectionGone({ event, section, onChoose }: { event: Listing; section: Section; onChoose: (sectionId: string) => void }) {
  const others = sectionsLeft(event, section)
  if (others.length === 0) return <Box looks="gone" text="All tickets are taken." more="Should somebody cancel, their tickets appear here at once." />
  return (
    <Box looks="gone" text={`${section.name} is sold out.`} more="There are tickets in another section.">
      <OtherSections sections={others} onChoose={onChoose} />
    </Box>
  )
}

/** Says why nothing is sold any more; that it is so, the button below says. */
export function SalesEnded({ why, title }: { why: 'started' | 'closed'; title: string }) {
  const { text, more = text } = outcomeWords({ kind: why }, title)
  return <Box looks="gone" text={more} />
}

/** The sections with tickets other than this one: up to three, the closest in price first. */
function sectionsLeft(event: Listing, section: Section | undefined): Section[] {
  const distance = ({ price }: Section) => Math.abs(price - (section?.price ?? 0))
  return event.sections
    .filter(({ id, remaining }) => id !== section?.id && remaining > 0)
    .toSorted((a, b) => distance(a) - distance(b))
    .slice(0, 3)
}

function OtherSections({ sections, onChoose }: { sections: Section[]; onChoose: (sectionId: string) => void }) {
  return sections.map(({ id, name, remaining }) => (
    <Button key={id} onClick={() => onChoose(id)} className="max-w-full">
      <bdi className="truncate">{name}</bdi> <span className="font-normal text-ink-soft tabular">{tickets(remaining)} left</span>
    </Button>
  ))
}

const boxes = {
  error: { Icon: CircleAlert, role: 'alert', box: 'bg-bad-soft', icon: 'text-bad' },
  info: { Icon: Info, role: 'status', box: 'bg-accent-soft', icon: 'text-accent' },
  gone: { Icon: Info, role: 'status', box: 'bg-sunken', icon: 'text-ink-soft' },
} as const

function Box({ looks, text, more, children }: { looks: keyof typeof boxes; text: string; more?: string; children?: ReactNode }) {
  const { Icon, role, box, icon } = boxes[looks]
  return (
    <div role={role} className={cn('rounded-xl p-4 text-sm', box)}>
      <div className="flex gap-3">
        <Icon aria-hidden className={cn('mt-0.5 size-4 shrink-0', icon)} />
        <div className="min-w-0 wrap-anywhere">
          <p className="font-medium">{text}</p>
          {more && <p className="text-ink-soft">{more}</p>}
        </div>
      </div>
      <div className="mt-3 flex flex-wrap gap-2 pl-7 empty:hidden">{children}</div>
    </div>
  )
}
