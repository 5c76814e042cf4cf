using Mlops.Cli.Commands;

return await RootCommands.InvokeAsync(args);
