CREATE TABLE "simple_dsl" (
	"id" bigint PRIMARY KEY NOT NULL,
	"type" text DEFAULT 'simple_dsl' NOT NULL,
	"phone_number" varchar(20) NOT NULL,
	CONSTRAINT "simple_dsl_type" CHECK ("simple_dsl"."type" = 'simple_dsl')
);
--> statement-breakpoint
ALTER TABLE "simple_dsl" ADD CONSTRAINT "simple_dsl_configuration" FOREIGN KEY ("id","type") REFERENCES "public"."configuration"("id","type") ON DELETE cascade ON UPDATE no action;