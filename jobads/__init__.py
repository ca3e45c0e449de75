"""The doors: the notebook workbench, the command line."""
