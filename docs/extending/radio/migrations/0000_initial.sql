CREATE TABLE "radio" (
	"id" bigint PRIMARY KEY NOT NULL,
	"type" text DEFAULT 'radio' NOT NULL,
	"mac" text NOT NULL,
	"place" text DEFAULT '' NOT NULL,
	"endpoint" "inet",
	"passphrase" text,
	CONSTRAINT "radio_mac_key" UNIQUE("mac"),
	CONSTRAINT "radio_type" CHECK ("radio"."type" = 'radio')
);
--> statement-breakpoint
ALTER TABLE "radio" ADD CONSTRAINT "radio_configuration" FOREIGN KEY ("id","type") REFERENCES "public"."configuration"("id","type") ON DELETE cascade ON UPDATE no action;
--> statement-breakpoint
ALTER TABLE "radio" ADD CONSTRAINT "radio_mac_form" CHECK ("mac" ~ '^([0-9a-f]{2}:){5}[0-9a-f]{2}$');
