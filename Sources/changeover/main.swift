import Commands

await ChangeoverCommand.run()
