// Verify FOLDER: compares this implementation with the reference fixtures below a folder, one line per case.
using Mlops.Verify;

if (args is not [var folder])
{
    Console.Error.WriteLine("usage: Verify FOLDER");
    return 2;
}
return FixtureReport.Write(folder, Console.Out, Console.Error);
