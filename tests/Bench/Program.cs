using System.CommandLine;
using Mlops.Bench;

return await BenchCommand.Create().Parse(args).InvokeAsync(new InvocationConfiguration
{
    EnableDefaultExceptionHandler = false,
});
