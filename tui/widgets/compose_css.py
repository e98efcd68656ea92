"""How the compose pane is laid out in each size class, which is a class on an ancestor."""

COMPOSE_CSS = """
ComposePane { layout: vertical; width: 1fr; height: 1fr; background: $background; }
ComposePane #prompt-pane { height: auto; min-height: 10; }
ComposePane #models-pane { height: 1fr; margin-top: 1; }
ComposePane PromptArea { height: 4; }
ComposePane SettingsRow { margin-top: 1; }
ComposePane SendBar { margin-top: 1; }
ComposePane #prompt-note { min-height: 1; }
ComposePane #settings-note { display: none; }
ComposePane #settings-note.-bad { display: block; }

.wide ComposePane PromptArea { height: 6; }
.wide ComposePane #prompt-pane { min-height: 12; }

.small ComposePane { layout: horizontal; }
.small ComposePane #prompt-pane { width: 38; height: 1fr; min-height: 0; }
.small ComposePane #models-pane { width: 1fr; margin-top: 0; border-left: solid $border; }
.small ComposePane PromptArea { height: 1fr; min-height: 2; max-height: 4; }
.small ComposePane SettingsRow { margin-top: 0; }
.small ComposePane SendBar { height: 2; margin-top: 0; }

.tiny ComposePane #prompt-pane PaneTitle { display: none; }
.tiny ComposePane #prompt-pane { min-height: 4; }
.tiny ComposePane #models-pane { margin-top: 0; }
.tiny ComposePane PromptArea { height: 3; }
.tiny ComposePane #prompt-note { display: none; }
.tiny ComposePane #prompt-note.-bad { display: block; }
.tiny ComposePane SettingsRow { height: 1; margin-top: 0; }
.tiny ComposePane SearchField { display: none; }
.tiny ComposePane .-searching SearchField { display: block; }
.tiny ComposePane SendBar { height: 1; margin-top: 0; }
"""
