import type { Command } from 'commander'

/** The group of that name, made if need be: an app may be called as an object is. */
export function groupNamed(program: Command, name: string, description: string, heading: string): Command {
  const known = program.commands.find(command => command.name() === name)
  return known ?? program.command(name).description(description).helpGroup(heading)
}
