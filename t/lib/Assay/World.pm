package Assay::World;

# What most tests of the whole daemon need: a DNS server with a few domains
# and our keys in it, and the means to look at what came out.
#
#   my $world = Assay::World->new(zones => {...});    # more zones
#   my $assayd = $world->assayd(enforce => 'reject');  # waits for its keys
#   my %ar = authres($message);                        # our field's results
#
# Domains: shop.example signs and is strict (p=reject, -all); its mail comes
# from 192.0.2.7 (mail.shop.example). soft.example has p=quarantine; 192.0.2.8.
# evil.com passes SPF from 198.51.100.66 for itself. plain.example publishes
# nothing. 127.0.0.7, .8 and .66 are these clients where no XCLIENT is to be had.
use strict;
use warnings;
use Carp;
use Exporter 'import';
use Assay::Daemon;
use Assay::Dir qw(slurp wait_for);
use Assay::Knot qw(txt);
use Assay::Message;
use Assay::SMTP qw(crlf);

our @EXPORT_OK = qw(authres results mail_text);

my %zones = (
    # A name server that is asked like a resolver must know what is above, too.
    map({ $_ => '' } qw(com example in-addr.arpa ip6.arpa)),
    'shop.example' => <<'EOT',
@      TXT "v=spf1 ip4:192.0.2.0/24 ip4:127.0.0.7 -all"
_dmarc TXT "v=DMARC1; p=reject"
mail   A   192.0.2.7
mail   TXT "v=spf1 a -all"
EOT
    'soft.example' => "\@ TXT \"v=spf1 ip4:192.0.2.8 ip4:127.0.0.8 -all\"\n_dmarc TXT \"v=DMARC1; p=quarantine\"\n",
    'evil.com'     => "\@ TXT \"v=spf1 ip4:198.51.100.0/24 ip4:127.0.0.66 -all\"\n",
    'x.com'        => "_dmarc TXT \"v=DMARC1; p=reject\"\n",
    'plain.example' => "mail A 203.0.113.1\n",
    '2.0.192.in-addr.arpa'     => "7 PTR mail.shop.example.\n",
    '100.51.198.in-addr.arpa'  => "66 PTR mail.evil.com.\n",
);

sub new {
    my ($class, %o) = @_;
    my $dir = Assay::Dir->new;
    my $self = bless { dir => $dir, keys => $dir->dir('keys', 0700) }, $class;
    $self->{dns} = Assay::Knot->new($dir, zones => { %zones, %{ $o{zones} // {} } },
        map { $_ => $o{$_} } grep { $o{$_} } qw(servfail tcp_only silent zone_lines));
    $self->make_keys($_) for @{ $o{sign} // ['shop.example'] };
    return $self;
}

sub dir { return $_[0]{dir} }
sub dns { return $_[0]{dns} }

# assay keys new, as an administrator runs it, and its records into DNS.
sub make_keys {
    my ($self, $domain, %o) = @_;
    my $conf = $self->{dir}->write('keys.conf', "user = \"\"\nkey_dir = \"$self->{keys}\"\n");
    my $tool = ($ENV{top_builddir} // '.') . '/assay';
    my $out = `$tool keys new -c $conf $domain test 2>&1`;
    croak "assay keys new: $out" if $?;
    $self->{records}{$domain} = $out;
    return $out if $o{unpublished};
    $self->publish($domain);
    return $out;
}

sub publish {
    my ($self, $domain) = @_;
    my $n = 0;
    while ($self->{records}{$domain} =~ /^(\S+)\.\Q$domain\E\. IN TXT \( (.*) \)$/mg) {
        $self->{dns}->set($domain, $1, 'TXT', $2);
        $n++;
    }
    croak "no records of $domain" unless $n == 2;
    return;
}

# A daemon on our DNS. Waits until its keys are active unless wait => 0.
sub assayd {
    my ($self, %options) = @_;
    my $wait = delete $options{wait} // 1;
    my %o = map { $_ => delete $options{$_} } grep { exists $options{$_} } qw(SOCKET NAME TEXT PROGRAM ENV);
    my $assayd = Assay::Daemon->new($self->{dir},
        name => $o{NAME} // 'assayd', socket => $o{SOCKET} // 'inet', text => $o{TEXT} // '',
        $o{PROGRAM} ? (program => $o{PROGRAM}) : (), env => $o{ENV} // {},
        options => {
            authserv_id => 'mx.test.example', user => '', log => 'stderr',
            nameservers => ["127.0.0.1\@" . $self->{dns}->port], key_dir => $self->{keys},
            %options,
        });
    # It listens before it has read its keys.
    $assayd->wait_log(qr/start part=policy/, 20) || croak 'assayd does not start: ' . $assayd->log
        unless ($options{log_level} // 'info') eq 'warning';
    $assayd->wait_log(qr/key_active d=shop\.example s=testr|testr:rsa-sha256:active/, 10)
        || croak 'keys do not become active: ' . $assayd->log if $wait && $self->{records}{'shop.example'};
    return $assayd;
}

# A message with the usual fields, for the wire.
sub mail_text {
    my (%o) = @_;
    my $body = $o{body} // "Hello,\n\nthis is a test.\n";
    my $extra = join '', map { "$_\n" } @{ $o{fields} // [] };
    return crlf(($o{top} // '') . "From: $o{from}\nTo: " . ($o{to} // 'bob@test.example') . "\nSubject: "
        . ($o{subject} // 'a test') . "\nDate: Fri, 20 Nov 2026 10:00:00 +0000\n"
        . 'Message-ID: <' . ($o{id} // 1) . "\@test.example>\n$extra\n") . crlf($body);
}

# Our Authentication-Results field of a message, unfolded; undef without one.
sub authres {
    my ($message) = @_;
    my $m = ref $message ? $message : Assay::Message->new($message);
    my ($ours) = grep { /^mx\.test\.example;/ } map { s/\s+/ /gr } $m->values('Authentication-Results');
    return $ours;
}

# What is said of each method: (spf => ['pass ...'], dkim => [...], ...).
sub results {
    my ($message) = @_;
    my %results;
    my $field = authres($message) // '';
    for my $part (split /; */, $field) {
        push @{ $results{$1} }, $2 if $part =~ /^([a-z]+)=(.*)$/;
    }
    return %results;
}

1;
