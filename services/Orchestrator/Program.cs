using Mlops.Orchestrator;
using Mlops.Platform.Hosting;

return await ServiceHost.RunAsync(OrchestratorService.DefaultAddress, OrchestratorService.From);
